import type { BundleUpstream } from '../schema/bundle.ts'
import { digest } from '../schema/canonical.ts'
import type { Affinity } from './balance/affinity.ts'
import { createBalancer } from './balance/balancer.ts'
import { createCookieAffinity } from './balance/cookie-affinity.ts'
import { createHashRing } from './balance/hash-ring.ts'
import type { HashRing } from './balance/hash-ring.ts'
import { createTableAffinity } from './balance/table-affinity.ts'
import type { AffinityTable } from './balance/table-affinity.ts'
import { createBreaker } from './forward/breaker.ts'
import type { Breaker } from './forward/breaker.ts'
import { createLoad } from './forward/load.ts'
import type { PrepareContext } from './prepare.ts'
import type { Secrets } from './secrets.ts'
import type { LiveUpstream } from './snapshot.ts'
import type { Lease } from './state.ts'
import { Endpoint, endpointId } from './upstream/endpoint.ts'
import { createConnectionQuota } from './upstream/connection-quota.ts'
import { createPool } from './upstream/pool.ts'
import type { PoolOptions } from './upstream/pool.ts'

export interface LiveUpstreams {
  /** By the index that routes use. */
  readonly live: readonly LiveUpstream[]
  /** Pools and balancers are shared with the active snapshot: they learn of new limits and weights when this one takes over. */
  readonly onPublish: readonly (() => void)[]
}

/** Upstreams over pools, endpoints and balancers that are kept as state, so that a reload drops no connection to a target that stays. */
export function createUpstreams (upstreams: readonly BundleUpstream[], context: PrepareContext, lease: Lease): LiveUpstreams {
  const onPublish: (() => void)[] = []
  const live = upstreams.map((options) => createUpstream(options, context, lease, onPublish))
  return { live, onPublish }
}

function createUpstream (options: BundleUpstream, context: PrepareContext, lease: Lease, onPublish: (() => void)[]): LiveUpstream {
  const { name, retries } = options
  const { clock, random, timeouts } = context
  const endpoints = createEndpoints(options, context, lease, onPublish)
  const ring = ringOf(options)
  const balancer = lease.take(`balancer ${name}`, () => createBalancer({ clock, random, zone: context.zone }, options, endpoints, ring))
  // An exchange that still holds the old snapshot asks by the new one: a retry must not go to a target that is gone.
  onPublish.push(() => { balancer.update(options, endpoints, ring) })
  return {
    options,
    balancer,
    affinity: affinityOf(options, context, lease),
    breaker: breakerOf(options, context, lease, onPublish),
    load: lease.take(`load ${name}`, createLoad),
    keepsBodies: retries.max > 0 && retries.buffer > 0,
    clock,
    random,
    timeouts,
    observe: (endpoint, outcome) => { context.observer.observe(name, endpoint, outcome) }
  }
}

function createEndpoints (options: BundleUpstream, context: PrepareContext, lease: Lease, onPublish: (() => void)[]): readonly Endpoint[] {
  const { name, timeouts, connections, limits } = options
  const tls = upstreamTls(options, context.secrets)
  const quota = lease.take(`connections ${name}`, () => createConnectionQuota(limits))
  onPublish.push(() => { quota.update(limits) })
  return options.targets.map((target) => {
    const wanted: PoolOptions = { upstream: name, target, protocol: options.protocol, timeouts, connections, tls, proxyProtocol: options.proxyProtocol }
    const maxActive = connections.requests ?? Infinity
    const key = poolKey(wanted)
    const pool = lease.take(key, () => createPool(wanted, context.timeouts, quota), (unused) => { unused.close() })
    const endpoint = lease.take(`endpoint ${key}`, () => new Endpoint(endpointId(target), pool, target, maxActive))
    context.verdicts.apply(name, endpoint, context.clock.now())
    onPublish.push(() => {
      pool.update(wanted)
      endpoint.target = target
      endpoint.maxActive = maxActive
    })
    return endpoint
  })
}

/** TLS towards the targets of an upstream, with its secrets. */
export function upstreamTls ({ tls }: BundleUpstream, secrets: Secrets): PoolOptions['tls'] {
  const read = (reference: { readonly $secret: string } | null): string | null => (reference === null ? null : secrets.read(reference.$secret))
  return { verify: tls.verify, serverName: tls.serverName, ca: read(tls.ca), certificate: read(tls.certificate), key: read(tls.key) }
}

/** Made while the bundle is prepared, for it takes its time. */
function ringOf ({ balance, affinity, targets }: BundleUpstream): HashRing | undefined {
  return balance.kind === 'hash' || (affinity !== null && affinity.by !== 'cookie') ? createHashRing(targets) : undefined
}

function affinityOf ({ name, affinity }: BundleUpstream, { secrets, clock }: PrepareContext, lease: Lease): Affinity | undefined {
  if (affinity === null) return undefined
  if (affinity.by === 'cookie') {
    const { key } = affinity
    if (Buffer.byteLength(secrets.read(key.$secret)) < 16) throw new Error(`upstream ${name}: the key of its affinity has less than 16 bytes`)
    return createCookieAffinity(affinity, name, () => secrets.read(key.$secret))
  }
  const table = lease.take<AffinityTable>(`affinity ${name} ${affinity.by}`, () => new Map())
  return createTableAffinity(affinity, table, clock)
}

function breakerOf ({ name, breaker: options }: BundleUpstream, { clock, random }: PrepareContext, lease: Lease, onPublish: (() => void)[]): Breaker | undefined {
  if (options === null) return undefined
  const breaker = lease.take(`breaker ${name}`, () => createBreaker(options, clock, random))
  onPublish.push(() => { breaker.update(options) })
  return breaker
}

function poolKey ({ upstream, target, protocol, tls }: PoolOptions): string {
  const secured = target.scheme === 'http' ? '' : ` ${digest(JSON.stringify(tls))}`
  return `pool ${upstream} ${protocol} ${endpointId(target)}${secured}`
}
