import type { BundleListener, BundleUpstream } from '../../schema/bundle.ts'
import type { ResolvedTarget } from '../../schema/resolved.ts'

/** An upstream as the compiler would write it, but without ejection; `options` win. */
export function upstreamOptions (options: Partial<BundleUpstream> = {}): BundleUpstream {
  return {
    name: 'up',
    protocol: 'http/1.1',
    targets: [],
    balance: { kind: 'round-robin' },
    hostHeader: 'client',
    upgrades: ['websocket'],
    timeouts: { connect: 5_000, response: 15_000, idle: 60_000, total: 30_000 },
    connections: { max: 1024, pending: 1024, requests: null, idle: 4_000 },
    limits: { connections: null, pending: null, requests: null },
    tls: { verify: true, serverName: null, ca: null, certificate: null, key: null },
    proxyProtocol: null,
    health: null,
    ejection: null,
    failover: { overprovisioning: 1.4, panic: 0.5, zone: 'prefer' },
    slowStart: 0,
    affinity: null,
    retries: {
      max: 1, on: ['connect-failure', 'refused-stream', 'reset', 'retry-after'], statuses: [], nonIdempotent: false,
      backoff: { base: 25, max: 250 }, budget: 0.2, minConcurrent: 3, buffer: 64 * 1024
    },
    hedge: null,
    breaker: null,
    ...options
  }
}

/** A target at a port of this machine. */
export function targetOptions (target: number | Partial<ResolvedTarget>): ResolvedTarget {
  return { scheme: 'http', host: '127.0.0.1', port: 0, weight: 1, priority: 0, zone: null, drain: false, ...(typeof target === 'number' ? { port: target } : target) }
}

/** A listener as the compiler would write it. */
export function listenerOptions (options: Partial<BundleListener> = {}): BundleListener {
  return {
    name: 'public', protocol: 'http', address: '127.0.0.1', port: 0, trustedProxies: [], tls: null, http2: true, proxyProtocol: false, redirect: null,
    limits: { headBytes: 60 * 1024, headers: 100, bodyBytes: null, connections: null, connectionsPerAddress: null, streams: 100 },
    timeouts: { head: 10_000, body: 30_000, idle: 60_000 },
    chain: 0,
    ...options
  }
}
