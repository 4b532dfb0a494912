import type { HostPattern } from '../../schema/host.ts'
import { invariant } from '../../schema/invariant.ts'
import type { Resolved, ResolvedPolicy, ResolvedRoute } from '../../schema/resolved.ts'
import { routesInOrder } from './route-order.ts'

/** One line of the route table. */
export interface RouteRow {
  readonly host: HostPattern | undefined
  readonly route: ResolvedRoute
  readonly listeners: 'all' | readonly string[]
  readonly upstream: string
  /** In the order in which they run. */
  readonly policies: readonly ResolvedPolicy[]
  readonly definedAt: string
}

/** The routes in effective order with the names of what they refer to. `policiesOf` takes the index of a route. */
export function routeRows (resolved: Resolved, policiesOf: (route: number) => readonly ResolvedPolicy[], definedAt: (pointer: string) => string): RouteRow[] {
  const indices = new Map(resolved.routes.map((route, index) => [route, index]))
  return routesInOrder(resolved).map(({ host, route }) => {
    const upstream = resolved.upstreams[route.action.upstream]
    invariant(upstream !== undefined, `route ${route.id} has no upstream`)
    const all = route.match.listeners.length === resolved.listeners.length
    return {
      host,
      route,
      listeners: all ? 'all' : route.match.listeners.map((index) => resolved.listeners[index]!.name),
      upstream: upstream.name,
      policies: policiesOf(indices.get(route)!),
      definedAt: definedAt(route.pointer)
    }
  })
}
