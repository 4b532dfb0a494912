import type { Explanation } from '../explain/explain.ts'
import type { ExplanationContext } from './explanation-text.ts'

/** How a request is treated, for programs. */
export function explanationJson ({ request, listener, outcome, policies, losers }: Explanation, { definedAt, phaseOf, limit }: ExplanationContext): string {
  return `${JSON.stringify({
    formatVersion: '1.0',
    request: { listener, method: request.method, host: request.host, path: request.path, search: request.search },
    outcome: outcome.kind === 'route'
      ? {
          kind: 'route',
          route: outcome.route.id,
          definedAt: definedAt(outcome.route.pointer),
          params: { ...outcome.params },
          upstream: { name: outcome.upstream.name, targets: outcome.upstream.targets },
          forwarded: { ...outcome.forwarded, host: outcome.forwarded.host ?? null }
        }
      : outcome,
    policies: policies.map(({ id, name, mode }) => ({ id, name, mode, phase: phaseOf(name) })),
    losers: losers.slice(0, limit).map(({ route, reason, matches }) => ({ route: route.id, definedAt: definedAt(route.pointer), matches, reason }))
  }, null, 2)}\n`
}
