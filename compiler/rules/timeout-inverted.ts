import { durationText } from '../plan/facets/facet.ts'
import type { Rule } from './rule.ts'

/** A try may take longer than all tries together. */
export const timeoutInverted: Rule = {
  code: 'timeout/inverted',
  severity: 'warning',
  summary: 'A route waits longer for one try than its upstream allows for all.',
  docs: `The upstream's \`timeouts.total\` bounds a request with all its tries. A route whose own \`timeout\` is longer is cut off at the total,
with 504, long before its own time is over, and never gets a second try.

Raise \`timeouts.total\` of the upstream, or lower the timeout of the route.`,
  check: ({ resolved, place }) => resolved.routes.flatMap(({ id, pointer, action }) => {
    const { name, timeouts: { total } } = resolved.upstreams[action.upstream]!
    return action.timeout === null || total === 0 || action.timeout <= total ? [] : [{
      code: 'timeout/inverted',
      severity: 'warning',
      subject: `route:${id}`,
      message: `route '${id}' waits ${durationText(action.timeout)} for an answer, but '${name}' gives up after ${durationText(total)}`,
      place: place(pointer, ['timeout']),
      help: `Raise timeouts.total of '${name}', or lower the timeout here.`
    }]
  })
}
