import { invariant } from '../../schema/invariant.ts'
import type { Resolved, ResolvedRoute } from '../../schema/resolved.ts'

/** The route that the analysis means by an index. */
export function routeAt (resolved: Resolved, index: number): ResolvedRoute {
  const route = resolved.routes[index]
  invariant(route !== undefined, `the analysis names route ${index}`)
  return route
}
