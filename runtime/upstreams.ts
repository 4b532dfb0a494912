import type { BundleUpstream } from '../schema/bundle.ts'
import { digest } from '../schema/canonical.ts'
import type { ResolvedTarget } from '../schema/resolved.ts'
import { createRoundRobin } from './balance/round-robin.ts'
import type { PrepareContext } from './prepare.ts'
import type { LiveUpstream } from './snapshot.ts'
import type { Lease } from './state.ts'
import { createPool } from './upstream/pool.ts'
import type { Pool, PoolOptions } from './upstream/pool.ts'

export interface LiveUpstreams {
  /** By the index that routes use. */
  readonly live: readonly LiveUpstream[]
  /** Pools and turns are shared with the active snapshot: they learn of new limits and weights when this one takes over. */
  readonly onPublish: readonly (() => void)[]
}

/** Upstreams over pools and turns that are kept as state, so that a reload drops no connection to a target that stays. */
export function createUpstreams (upstreams: readonly BundleUpstream[], context: PrepareContext, lease: Lease): LiveUpstreams {
  const onPublish: (() => void)[] = []
  const live = upstreams.map((options) => createUpstream(options, context, lease, onPublish))
  return { live, onPublish }
}

function createUpstream (options: BundleUpstream, context: PrepareContext, lease: Lease, onPublish: (() => void)[]): LiveUpstream {
  const { name, timeouts, connections } = options
  const ca = options.tls.ca === null ? null : context.secrets.read(options.tls.ca.$secret)
  const tls = { verify: options.tls.verify, serverName: options.tls.serverName, ca }
  const pools = options.targets.map((target): Pool => {
    const wanted: PoolOptions = { upstream: name, target, timeouts, connections, tls }
    const pool = lease.take(poolKey(wanted), () => createPool(wanted, context.timeouts), (unused) => { unused.close() })
    onPublish.push(() => { pool.update(wanted) })
    return pool
  })
  const turns = options.targets.map((target) => ({ id: targetText(target), weight: target.weight }))
  const turn = lease.take(`turn ${name}`, () => createRoundRobin(turns))
  // An exchange that still holds the old snapshot asks by the new order: an index it does not have falls back on its first pool.
  onPublish.push(() => { turn.update(turns) })
  return {
    options,
    pick () {
      const index = turn.next()
      return index < 0 ? undefined : pools[index] ?? pools[0]
    }
  }
}

function poolKey ({ upstream, target, tls }: PoolOptions): string {
  const secured = target.scheme === 'http' ? '' : ` ${digest(JSON.stringify(tls))}`
  return `pool ${upstream} ${targetText(target)}${secured}`
}

function targetText ({ scheme, host, port }: ResolvedTarget): string {
  return `${scheme}://${host}:${port}`
}
