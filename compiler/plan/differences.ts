import type { Difference } from './difference.ts'
import type { Facet, FacetContext } from './facets/facet.ts'
import { address, connections, limits, redirect, tls, trust } from './facets/listener.ts'
import { policies } from './facets/policies.ts'
import { reach } from './facets/reach.ts'
import { reliability, request, retries, targets, timeouts, upstreamOwner, upstreamTls } from './facets/upstream.ts'
import type { Outcome } from './outcomes.ts'

/** In the order in which differences are told. */
const facets: readonly Facet[] = [reach, policies, tls, trust, limits, targets, upstreamOwner, upstreamTls, request, timeouts, retries, reliability, address, connections, redirect]

/** Everything in which two outcomes differ. Empty although their keys differ: only in what has no effect. */
export function differencesOf (before: Outcome, after: Outcome, context: FacetContext): readonly Difference[] {
  const differences = (before.listener === undefined || after.listener === undefined ? [reach] : facets).flatMap((facet) => facet(before, after, context) ?? [])
  if (before.reach === after.reach) return differences
  // What a route demands came or went with it. Where requests become reachable it is worth knowing, but it is nothing of its own.
  const own = new Set(['reach', 'tls', 'trusted proxies', 'size limits', 'address', 'connections'])
  return differences.flatMap((difference) => own.has(difference.facet) ? [difference] : after.reach === 'forward' ? [{ ...difference, order: 'different', code: undefined }] : [])
}
