import type { SniRoute, TcpListenerDocument } from '../generated/gateway.ts'
import { recordPlace } from './place.ts'
import type { Retyped } from './retyped.ts'
import type { UpstreamNode } from './upstream.ts'

/** Which upstream takes TLS connections for some names. */
export interface SniOption extends Omit<SniRoute, 'to'>, Retyped<SniRoute, 'to', UpstreamNode> {}

/** Options of `tcp`. */
export interface TcpOptions extends Omit<TcpListenerDocument, 'protocol' | 'to' | 'sni'>, TcpTargets {}

/** Mapped, so that both keep their docs. */
type TcpTargets = { readonly [Key in keyof Pick<TcpListenerDocument, 'to'>]: UpstreamNode } & { readonly [Key in keyof Pick<TcpListenerDocument, 'sni'>]: readonly SniOption[] }

/** A socket whose connections are passed on as they are; made by `tcp`. */
export interface TcpListenerNode {
  readonly kind: 'listener'
  readonly protocol: 'tcp'
  readonly options: TcpOptions
}

/**
 * A listener for connections of any protocol: databases, brokers, or TLS that ends at the target. Nothing of what they carry is read, but
 * with `sni` the name that a TLS client asks for.
 *
 * ```ts
 * const postgres = upstream('postgres', { targets: ['tcp://127.0.0.1:5432'], balance: 'least-connections' })
 *
 * export default defineGateway({
 *   listeners: { database: tcp({ port: 5432, to: postgres }) },
 *   routes: []
 * })
 * ```
 */
export function tcp (options: TcpOptions): TcpListenerNode {
  return recordPlace(Object.freeze({ kind: 'listener', protocol: 'tcp', options: Object.freeze({ ...options }) }), tcp)
}
