import type { BundleUpstream } from '../../schema/bundle.ts'
import type { Clock } from '../../schema/policy.ts'
import type { PoolOptions } from '../upstream/pool.ts'
import type { Timeouts } from '../upstream/timeouts.ts'
import type { StartProbe } from './probe.ts'
import type { TargetReport, TargetStatus } from './target-status.ts'
import { UpstreamHealth } from './upstream-health.ts'

/** The one truth about the health of all targets, for all worker processes. */
export interface HealthMonitor {
  /** Watches these upstreams in place of those before. Targets that stay keep their state; changed options hold from now on. */
  watch (upstreams: readonly WatchedUpstream[]): void
  /** Takes what requests have shown. */
  observe (reports: readonly TargetReport[]): void
  readonly statuses: readonly TargetStatus[]
  close (): void
}

export interface WatchedUpstream {
  readonly options: BundleUpstream
  /** Secrets resolved. */
  readonly tls: PoolOptions['tls']
}

export interface MonitorOptions {
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly timeouts: Timeouts
  readonly start: StartProbe
  readonly changed: (status: TargetStatus) => void
}

export function createMonitor (options: MonitorOptions): HealthMonitor {
  let watched = new Map<string, UpstreamHealth>()
  return {
    watch (upstreams) {
      const next = new Map<string, UpstreamHealth>()
      for (const upstream of upstreams) {
        const { name } = upstream.options
        const health = watched.get(name) ?? new UpstreamHealth(name, options)
        watched.delete(name)
        health.update(upstream)
        next.set(name, health)
      }
      for (const gone of watched.values()) gone.close()
      watched = next
    },
    observe (reports) {
      for (const report of reports) watched.get(report.upstream)?.observe(report)
    },
    get statuses () { return [...watched.values()].flatMap(({ statuses }) => statuses) },
    close () {
      for (const health of watched.values()) health.close()
      watched.clear()
    }
  }
}
