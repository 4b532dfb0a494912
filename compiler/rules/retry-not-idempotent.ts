import { methodsText } from '../render/match-text.ts'
import type { Rule } from './rule.ts'

/** RFC 9110 §9.2.2, and what a route without methods takes. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** Requests that change something may be sent twice. */
export const retryNotIdempotent: Rule = {
  code: 'retry/not-idempotent',
  severity: 'warning',
  summary: 'Requests that are not idempotent are sent again after a failure.',
  docs: `With \`retries: { nonIdempotent: true }\` a POST whose answer got lost is sent to another target: an order may be placed twice. Without
it, such requests are retried where they never reached a target, and where the client gave an \`Idempotency-Key\`.

Leave the option out, and let clients send the key.`,
  check: ({ resolved, place }) => resolved.upstreams.flatMap(({ name, pointer, retries }, index) => {
    if (!retries.nonIdempotent || retries.max === 0) return []
    const route = resolved.routes.find(({ match, action }) => action.upstream === index && (match.methods.length === 0 || match.methods.some((method) => !idempotent.has(method))))
    return route === undefined ? [] : [{
      code: 'retry/not-idempotent',
      severity: 'warning',
      subject: `upstream:${name}`,
      message: `'${name}' may get one request twice: ${methodsText(route.match)} of route '${route.id}' is not idempotent`,
      place: place(pointer, ['retries', 'nonIdempotent']),
      related: [{ message: 'this route is sent again', place: place(route.pointer, ['match']) }],
      help: 'Leave nonIdempotent out: what did not reach a target is retried anyway.'
    }]
  })
}
