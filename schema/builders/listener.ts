import type { ListenerDocument } from '../generated/gateway.ts'
import type { PolicyFor } from '../policy-builder.ts'
import { recordPlace } from './place.ts'
import type { Retyped } from './retyped.ts'

/** Options of `http`. */
export interface HttpOptions extends Omit<ListenerDocument, 'protocol' | 'policies'>, Retyped<ListenerDocument, 'policies', readonly PolicyFor<'listener'>[]> {}

/** A socket on which the gateway accepts connections; made by `http`. */
export interface ListenerNode {
  readonly kind: 'listener'
  readonly protocol: 'http'
  readonly options: HttpOptions
}

/**
 * A listener for HTTP/1.1 in clear text.
 *
 * ```ts
 * export default defineGateway({
 *   listeners: { public: http({ port: 8080, limits: { bodyBytes: '10MiB' } }) },
 *   routes: [route('/*', { to: upstream('app', { targets: ['http://127.0.0.1:3000'] }) })]
 * })
 * ```
 */
export function http (options: HttpOptions): ListenerNode {
  return recordPlace(Object.freeze({ kind: 'listener', protocol: 'http', options: Object.freeze({ ...options }) }), http)
}
