import { byteCount } from '../../../schema/bytes.ts'
import { milliseconds } from '../../../schema/duration.ts'
import type { Failover, UpstreamConnections, UpstreamDocument, UpstreamTimeouts } from '../../../schema/generated/gateway.ts'
import { nodeSchemas } from '../../../schema/generated/schemas.ts'
import type { ResolvedUpstream } from '../../../schema/resolved.ts'
import { resolveAffinity } from './affinity.ts'
import { resolveBalance } from './balance.ts'
import { withDefaults } from './defaults.ts'
import { resolveBreaker, resolveEjection, resolveHealth } from './health.ts'
import type { PolicyResolver } from './policies.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'
import { resolveTargets } from './targets.ts'

type Filled = Required<Omit<UpstreamDocument, 'timeouts' | 'connections' | 'retries'>> & {
  readonly timeouts: Required<UpstreamTimeouts>
  readonly connections: UpstreamConnections & Required<Omit<UpstreamConnections, 'requests'>>
  readonly failover: Required<Failover>
  readonly retries: Required<NonNullable<UpstreamDocument['retries']>>
}

/** Fills the defaults of an upstream and reads its targets; a bad target is reported and left out. */
export function resolveUpstream (scope: Scope, policies: PolicyResolver, name: string, document: UpstreamDocument, pointer: string): ResolvedUpstream {
  const { timeouts, connections, failover, retries, slowStart, protocol, hostHeader, upgrades } = withDefaults(nodeSchemas.upstream, {
    ...document, timeouts: { ...document.timeouts }, connections: { ...document.connections }, failover: { ...document.failover },
    retries: { ...document.retries, backoff: { ...document.retries?.backoff } }
  }) as Filled
  const { tls, limits, hedge } = document
  const subject = `upstream:${name}`
  if ((tls?.certificate === undefined) !== (tls?.key === undefined)) {
    scope.findings.push(report('upstream/incomplete-option', `'tls' of '${name}' needs both certificate and key`, { subject, place: scope.place(`${pointer}/tls`) }))
  }
  if (protocol === 'h2' && document.proxyProtocol !== undefined) {
    scope.findings.push(report('upstream/incomplete-option', `'proxyProtocol' of '${name}' needs a connection for each client, and 'h2' carries many on one`, { subject, place: scope.place(`${pointer}/proxyProtocol`) }))
  }
  if (connections.pipelining > 1 && (protocol === 'h2' || document.proxyProtocol !== undefined)) {
    const why = protocol === 'h2' ? "'h2' carries many requests on one by itself" : "'proxyProtocol' needs a connection for each client"
    scope.findings.push(report('upstream/incomplete-option', `'pipelining' of '${name}' is for connections that many share, and ${why}`, { subject, place: scope.place(`${pointer}/connections/pipelining`) }))
  }
  return {
    name,
    protocol,
    targets: resolveTargets(scope, name, document.targets, pointer),
    balance: resolveBalance(document.balance),
    hostHeader,
    upgrades: upgrades.map((text) => text.toLowerCase()),
    timeouts: { connect: milliseconds(timeouts.connect), response: milliseconds(timeouts.response), idle: milliseconds(timeouts.idle), total: milliseconds(timeouts.total) },
    connections: { max: connections.max, pending: connections.pending, requests: connections.requests ?? null, idle: milliseconds(connections.idle), ...(connections.pipelining === 1 ? {} : { pipelining: connections.pipelining }) },
    limits: { connections: limits?.connections ?? null, pending: limits?.pending ?? null, requests: limits?.requests ?? null },
    tls: { verify: tls?.verify ?? true, serverName: tls?.serverName ?? null, ca: tls?.ca ?? null, certificate: tls?.certificate ?? null, key: tls?.key ?? null },
    proxyProtocol: document.proxyProtocol ?? null,
    health: resolveHealth(document.health),
    ejection: resolveEjection(document.ejection),
    failover,
    slowStart: milliseconds(slowStart),
    affinity: resolveAffinity(scope, document.affinity, subject, pointer),
    retries: resolveRetries(retries),
    hedge: hedge === undefined ? null : { after: milliseconds(hedge.after), max: hedge.max ?? 1 },
    breaker: resolveBreaker(document.breaker),
    policies: policies.resolve(document.policies, pointer, subject, 'upstream'),
    owner: document.owner ?? null,
    pointer
  }
}

function resolveRetries ({ max, on, statuses, nonIdempotent, backoff, budget, minConcurrent, buffer }: Filled['retries']): ResolvedUpstream['retries'] {
  return {
    max, on, statuses, nonIdempotent, budget, minConcurrent,
    backoff: { base: milliseconds(backoff.base ?? '25ms'), max: milliseconds(backoff.max ?? '250ms') },
    buffer: byteCount(buffer)
  }
}
