import type { GatewayDocument } from '../generated/gateway.ts'
import type { GroupNode } from './group.ts'
import type { InvariantNode } from './invariant.ts'
import type { ListenerNode } from './listener.ts'
import { recordPlace } from './place.ts'
import type { Retyped } from './retyped.ts'
import type { RouteNode } from './route.ts'
import type { TcpListenerNode } from './tcp.ts'
import type { UpstreamNode } from './upstream.ts'

export { documentOf } from './document-of.ts'

/** Options of `defineGateway`. */
export interface GatewayOptions extends Pick<GatewayDocument, 'name'>,
  Retyped<GatewayDocument, 'listeners', Readonly<Record<string, ListenerNode | TcpListenerNode>>>, Retyped<GatewayDocument, 'routes', readonly (RouteNode | GroupNode)[]>, Retyped<GatewayDocument, 'invariants', readonly InvariantNode[]> {
  /** Upstreams to which no route leads yet. Those that routes name need not be listed. */
  readonly upstreams?: readonly UpstreamNode[]
}

/** A whole gateway; made by `defineGateway`. */
export interface GatewayNode {
  readonly kind: 'gateway'
  readonly options: GatewayOptions
}

/**
 * A whole gateway: the default export of a `gateway.config.ts`.
 *
 * ```ts
 * const users = upstream('users', { targets: ['http://127.0.0.1:9001'] })
 *
 * export default defineGateway({
 *   listeners: { public: http({ port: 8080 }) },
 *   routes: [route('GET /users/:id', { to: users, rewrite: '/v2/users/{id}' })]
 * })
 * ```
 */
export function defineGateway (options: GatewayOptions): GatewayNode {
  return recordPlace(Object.freeze({ kind: 'gateway', options: Object.freeze({ ...options }) }), defineGateway)
}
