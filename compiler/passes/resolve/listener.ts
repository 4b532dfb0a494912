import { isIP } from 'node:net'
import { byteCount } from '../../../schema/bytes.ts'
import { milliseconds } from '../../../schema/duration.ts'
import type { HttpsRedirect, ListenerDocument, ListenerLimits, ListenerTimeouts, ListenerTls } from '../../../schema/generated/gateway.ts'
import { nodeSchemas } from '../../../schema/generated/schemas.ts'
import type { ResolvedListener } from '../../../schema/resolved.ts'
import { checkAddresses } from './addresses.ts'
import { withDefaults } from './defaults.ts'
import type { PolicyResolver } from './policies.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

/** Fills the defaults of an HTTP listener. */
export function resolveListener (scope: Scope, policies: PolicyResolver, name: string, document: ListenerDocument, pointer: string): ResolvedListener {
  const { address, port, trustedProxies, http2, proxyProtocol, limits, timeouts } = withDefaults(nodeSchemas.listener, {
    ...document, limits: { ...document.limits }, timeouts: { ...document.timeouts }
  }) as Required<ListenerDocument> & {
    readonly limits: ListenerLimits & Required<Pick<ListenerLimits, 'headBytes' | 'headers' | 'streams'>>, readonly timeouts: Required<ListenerTimeouts>
  }
  const subject = `listener:${name}`
  checkAddresses(scope, { address, trustedProxies }, subject, pointer)
  return {
    name,
    protocol: 'http',
    address,
    port,
    trustedProxies,
    tls: resolveTls(document.tls),
    http2,
    proxyProtocol,
    redirect: resolveRedirect(document.redirect),
    limits: {
      headBytes: byteCount(limits.headBytes), headers: limits.headers, bodyBytes: limits.bodyBytes === undefined ? null : byteCount(limits.bodyBytes),
      connections: limits.connections ?? null, connectionsPerAddress: limits.connectionsPerAddress ?? null, streams: limits.streams
    },
    timeouts: { head: milliseconds(timeouts.head), body: milliseconds(timeouts.body), idle: milliseconds(timeouts.idle) },
    policies: policies.resolve(document.policies, pointer, subject, 'listener'),
    pointer
  }
}

function resolveTls (tls: ListenerTls | undefined): ResolvedListener['tls'] {
  if (tls === undefined) return null
  const { certificates, unknownHost = 'reject', minVersion = '1.2', clientCertificates } = tls
  return { certificates, unknownHost, minVersion, clientCertificates: clientCertificates === undefined ? null : { mode: clientCertificates.mode ?? 'required', ca: clientCertificates.ca } }
}

function resolveRedirect (redirect: HttpsRedirect | undefined): ResolvedListener['redirect'] {
  if (redirect === undefined) return null
  const { port = 443, status = 308 } = redirect
  return { port: port === 443 ? null : port, status }
}

/** A listener of any protocol, as far as its socket goes. */
type Bound = Pick<ResolvedListener, 'name' | 'address' | 'port' | 'pointer'>

/** Refuses two listeners that cannot be bound together. */
export function checkPorts (scope: Scope, listeners: readonly Bound[]): void {
  for (const [index, listener] of listeners.entries()) {
    const other = listener.port === 0 ? undefined : listeners.slice(0, index).find(({ port, address }) => port === listener.port && overlap(address, listener.address))
    if (other === undefined) continue
    scope.findings.push(report('listener/port-conflict', `'${other.name}' and '${listener.name}' both listen on port ${listener.port} of ${listener.address}`, {
      subject: `listener:${listener.name}`,
      place: scope.place(`${listener.pointer}/port`),
      related: [{ message: `'${other.name}'`, place: scope.place(`${other.pointer}/port`) }]
    }))
  }
}

/** `::` takes IPv4 too, as Node binds it. */
function overlap (a: string, b: string): boolean {
  return a === b || a === '::' || b === '::' || (a === '0.0.0.0' && isIP(b) === 4) || (b === '0.0.0.0' && isIP(a) === 4)
}
