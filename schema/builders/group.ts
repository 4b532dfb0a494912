import type { GroupDocument } from '../generated/gateway.ts'
import type { PolicyFor } from '../policy-builder.ts'
import { recordPlace } from './place.ts'
import type { Retyped } from './retyped.ts'
import type { RouteNode } from './route.ts'

/** Options of `group`. */
export interface GroupOptions extends Omit<GroupDocument, 'routes' | 'policies' | 'prefix'>,
  Retyped<GroupDocument, 'policies', readonly PolicyFor<'route'>[]>, Retyped<GroupDocument, 'prefix', `/${string}`> {}

/** Routes that share something; made by `group`. */
export interface GroupNode {
  readonly kind: 'group'
  readonly options: GroupOptions
  readonly routes: readonly (RouteNode | GroupNode)[]
}

/**
 * Routes that share a host, a prefix, listeners or policies. Groups may stand in groups: prefixes are put together, policies run from the outside in.
 *
 * ```ts
 * const users = upstream('users', { targets: ['http://127.0.0.1:9001'] })
 * const api = group({ host: 'api.example.com', prefix: '/v1', policies: [rateLimit({ limit: 100, window: '1m' })] }, [
 *   route('GET /users/:id', { to: users }),
 *   route('POST /users', { to: users })
 * ])
 * ```
 */
export function group (options: GroupOptions, routes: readonly (RouteNode | GroupNode)[]): GroupNode {
  // An untyped config may have passed anything: validation says so, in its own words.
  const frozen = Array.isArray(routes) ? Object.freeze([...routes as readonly (RouteNode | GroupNode)[]]) : routes
  return recordPlace(Object.freeze({ kind: 'group', options: Object.freeze({ ...options }), routes: frozen }), group)
}
