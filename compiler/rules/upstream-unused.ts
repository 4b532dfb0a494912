import { upstreamsOfTcp } from '../../schema/upstreams-of-tcp.ts'
import type { Rule } from './rule.ts'

/** An upstream to which no route goes. */
export const upstreamUnused: Rule = {
  code: 'upstream/unused',
  severity: 'warning',
  fixable: true,
  summary: 'No route goes to this upstream.',
  docs: `The upstream is declared, but no route has it as its \`to\`: the runtime would connect to it for nothing, and a reader would look for
the route that uses it.

Delete the declaration; \`gwc lint --fix\` does it where nothing else in the source refers to it.`,
  check: ({ resolved, place }) => {
    const used = new Set([...resolved.routes.map(({ action }) => action.upstream), ...resolved.tcpListeners.flatMap(upstreamsOfTcp)])
    return resolved.upstreams.filter((_, index) => !used.has(index)).map((upstream) => {
      const at = place(upstream.pointer)
      return {
        code: 'upstream/unused',
        severity: 'warning',
        subject: `upstream:${upstream.name}`,
        message: `no route goes to upstream '${upstream.name}'`,
        place: at,
        help: 'Delete it, or add the route that was meant to use it.',
        fix: {
          title: `delete upstream '${upstream.name}'`,
          applicability: 'safe',
          edits: [{ kind: at.origin.file.endsWith('.json') ? 'remove-property' : 'remove-declaration', place: at }]
        }
      }
    })
  }
}
