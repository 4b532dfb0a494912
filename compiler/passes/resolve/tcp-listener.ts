import { milliseconds } from '../../../schema/duration.ts'
import type { TcpListenerDocument, TcpTimeouts } from '../../../schema/generated/gateway.ts'
import { nodeSchemas } from '../../../schema/generated/schemas.ts'
import type { ResolvedTcpListener } from '../../../schema/resolved.ts'
import { checkAddresses } from './addresses.ts'
import { withDefaults } from './defaults.ts'
import { resolveHosts } from './hosts.ts'
import { resolveReference } from './references.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

/** Fills the defaults of a tcp listener and binds the upstreams that it names. */
export function resolveTcpListener (scope: Scope, name: string, document: TcpListenerDocument, pointer: string): ResolvedTcpListener {
  const { address, port, trustedProxies, proxyProtocol, limits, timeouts, to, sni } = withDefaults(nodeSchemas.tcp, {
    ...document, timeouts: { ...document.timeouts }
  }) as TcpListenerDocument & Required<Pick<TcpListenerDocument, 'address' | 'trustedProxies' | 'proxyProtocol'>> & { readonly timeouts: Required<TcpTimeouts> }
  const subject = `listener:${name}`
  checkAddresses(scope, { address, trustedProxies }, subject, pointer)
  if (to === undefined && sni === undefined) scope.findings.push(report('listener/no-upstream', `'${name}' passes its connections to no upstream`, { subject, place: scope.place(pointer) }))
  return {
    name,
    protocol: 'tcp',
    address,
    port,
    trustedProxies,
    proxyProtocol,
    to: to === undefined ? null : resolveReference(scope, 'upstream', to, `${pointer}/to`) ?? -1,
    sni: (sni ?? []).map((entry, index) => ({
      hosts: resolveHosts(scope, entry.host, `${pointer}/sni/${index}`),
      upstream: resolveReference(scope, 'upstream', entry.to, `${pointer}/sni/${index}/to`) ?? -1
    })),
    limits: { connections: limits?.connections ?? null, connectionsPerAddress: limits?.connectionsPerAddress ?? null },
    timeouts: { idle: milliseconds(timeouts.idle), hello: milliseconds(timeouts.hello) },
    pointer
  }
}
