import type { UpstreamDocument } from '../generated/gateway.ts'
import type { PolicyFor } from '../policy-builder.ts'
import { declareUpstream } from './declared.ts'
import { recordPlace } from './place.ts'
import type { Retyped } from './retyped.ts'

/** Options of `upstream`. */
export interface UpstreamOptions extends Omit<UpstreamDocument, 'policies'>, Retyped<UpstreamDocument, 'policies', readonly PolicyFor<'upstream'>[]> {}

/** A service behind the gateway; made by `upstream`. */
export interface UpstreamNode {
  readonly kind: 'upstream'
  readonly name: string
  readonly options: UpstreamOptions
}

/**
 * A service behind the gateway, with one or more targets. Routes take the result as their `to`. Names are unique within a gateway.
 *
 * ```ts
 * const users = upstream('users', {
 *   targets: ['http://10.0.0.1:8080', { url: 'http://10.0.0.2:8080', weight: 2 }],
 *   timeouts: { response: '5s' }
 * })
 * ```
 */
export function upstream (name: string, options: UpstreamOptions): UpstreamNode {
  return declareUpstream(recordPlace(Object.freeze({ kind: 'upstream', name, options: Object.freeze({ ...options }) }), upstream))
}
