import { isGuarded } from './guarded.ts'
import type { Rule } from './rule.ts'

/** A route that anybody may ask as often as they like. */
export const rateMissing: Rule = {
  code: 'rate/missing',
  severity: 'info',
  profile: 'strict',
  summary: 'A route without authentication has no rate limit.',
  docs: `Whoever can reach the gateway can ask for it without end: there is neither a key by which to know them nor a limit.

Put \`rateLimit({ limit: 100, window: '1m' })\` on the route, its group or the listener. It counts by client address unless told otherwise.`,
  check: ({ resolved, place }) => [...resolved.routes.entries()].filter(([index]) => !isGuarded(resolved, index, 'authentication') && !isGuarded(resolved, index, 'rate')).map(([, { id, pointer }]) => ({
    code: 'rate/missing',
    severity: 'info',
    subject: `route:${id}`,
    message: `anybody may ask for '${id}' without limit`,
    place: place(pointer, ['match']),
    help: "Add a limit: rateLimit({ limit: 100, window: '1m' })."
  }))
}
