import { takesMethod } from '../../schema/precedence.ts'
import type { Rule } from './rule.ts'

const withBody = ['POST', 'PUT', 'PATCH']

/** Bodies of any size. */
export const limitBodyMissing: Rule = {
  code: 'limit/body-missing',
  severity: 'info',
  profile: 'strict',
  summary: 'A listener takes request bodies of any size.',
  docs: `Without \`limits.bodyBytes\` a body is passed on as it comes, however long. The gateway keeps none of it; the upstream has to bear it.

Set the largest that an upstream here is made for: \`limits: { bodyBytes: '10MiB' }\`. Larger ones are answered with 413.`,
  check: ({ resolved, place }) => resolved.listeners.flatMap(({ name, limits, redirect, pointer }, listener) => {
    const takesBodies = resolved.routes.some(({ match }) => match.listeners.includes(listener) && withBody.some((method) => takesMethod(match, method)))
    return limits.bodyBytes !== null || redirect !== null || !takesBodies ? [] : [{
      code: 'limit/body-missing',
      severity: 'info',
      subject: `listener:${name}`,
      message: `'${name}' takes bodies of any size`,
      place: place(pointer),
      help: "Set a limit: limits: { bodyBytes: '10MiB' }."
    }]
  })
}
