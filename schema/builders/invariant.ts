import type { InvariantDocument } from '../generated/gateway.ts'
import { recordPlace } from './place.ts'
import type { Retyped } from './retyped.ts'
import type { UpstreamNode } from './upstream.ts'

/** Options of `invariant`. */
export interface InvariantOptions extends Omit<InvariantDocument, 'name' | 'upstreams'>, Retyped<InvariantDocument, 'upstreams', readonly UpstreamNode[]> {}

/** Something that holds for requests; made by `invariant`. */
export interface InvariantNode {
  readonly kind: 'invariant'
  readonly name: string
  readonly options: InvariantOptions
}

/**
 * Something that holds for every request that matches, whatever the routes are. It is checked over all classes of requests when the config is
 * compiled, and a request that breaks it is shown. What no route takes meets it.
 *
 * ```ts
 * const orders = upstream('orders', { targets: ['http://127.0.0.1:9001'] })
 * const holds = [
 *   invariant('nobody gets into /admin without a key', { match: '/admin/*', authenticated: true }),
 *   invariant('orders stay with the service for orders', { match: '/orders/*', upstreams: [orders] }),
 *   invariant('nothing under /debug', { match: '/debug/*', unreachable: true })
 * ]
 * ```
 */
export function invariant (name: string, options: InvariantOptions): InvariantNode {
  return recordPlace(Object.freeze({ kind: 'invariant', name, options: Object.freeze({ ...options }) }), invariant)
}
