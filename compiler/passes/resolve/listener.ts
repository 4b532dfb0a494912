import { isIP } from 'node:net'
import { byteCount } from '../../../schema/bytes.ts'
import { milliseconds } from '../../../schema/duration.ts'
import type { ListenerDocument, ListenerLimits, ListenerTimeouts } from '../../../schema/generated/gateway.ts'
import { nodeSchemas } from '../../../schema/generated/schemas.ts'
import type { ResolvedListener } from '../../../schema/resolved.ts'
import { isCidr } from './address.ts'
import { withDefaults } from './defaults.ts'
import type { PolicyResolver } from './policies.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

/** Fills the defaults of a listener. */
export function resolveListener (scope: Scope, policies: PolicyResolver, name: string, document: ListenerDocument, pointer: string): ResolvedListener {
  const { address, port, trustedProxies, limits, timeouts } = withDefaults(nodeSchemas.listener, {
    ...document, limits: { ...document.limits }, timeouts: { ...document.timeouts }
  }) as Required<ListenerDocument> & { readonly limits: Required<Omit<ListenerLimits, 'bodyBytes'>> & ListenerLimits, readonly timeouts: Required<ListenerTimeouts> }
  const subject = `listener:${name}`
  if (isIP(address) === 0) scope.findings.push(report('listener/invalid-address', `'${address}' is not an IP address`, { subject, place: scope.place(`${pointer}/address`) }))
  for (const [index, range] of trustedProxies.entries()) {
    if (!isCidr(range)) scope.findings.push(report('listener/invalid-cidr', `'${range}' is not an address range`, { subject, place: scope.place(`${pointer}/trustedProxies/${index}`) }))
  }
  return {
    name,
    protocol: 'http',
    address,
    port,
    trustedProxies,
    limits: { headBytes: byteCount(limits.headBytes), headers: limits.headers, bodyBytes: limits.bodyBytes === undefined ? null : byteCount(limits.bodyBytes) },
    timeouts: { head: milliseconds(timeouts.head), body: milliseconds(timeouts.body), idle: milliseconds(timeouts.idle) },
    policies: policies.resolve(document.policies, pointer, subject, 'listener'),
    pointer
  }
}

/** Refuses two listeners that cannot be bound together. */
export function checkPorts (scope: Scope, listeners: readonly ResolvedListener[]): void {
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
