import type { Clock } from '../schema/policy.ts'
import type { DecodedBundle } from './decode.ts'
import type { RuntimeEvent } from './events.ts'
import { createMonitor } from './health/monitor.ts'
import type { WatchedUpstream } from './health/monitor.ts'
import { startProbe } from './health/probe.ts'
import type { TargetReport, TargetStatus } from './health/target-status.ts'
import { createSecrets } from './secrets.ts'
import type { Secrets } from './secrets.ts'
import { createTimeouts } from './upstream/timeouts.ts'
import { upstreamTls } from './upstreams.ts'

/** Health of all targets, in the one process that serves or in the primary of those that do. */
export interface FleetHealth {
  /** From now on the targets of this bundle are watched. */
  watch (bundle: DecodedBundle): void
  observe (reports: readonly TargetReport[]): void
  readonly statuses: readonly TargetStatus[]
  close (): void
}

export interface FleetHealthOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly secretsFolder?: string | undefined
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly event: (event: RuntimeEvent) => void
  /** Tells those that serve. */
  readonly tell: (status: TargetStatus) => void
}

export function createFleetHealth ({ env, secretsFolder, clock, random, event, tell }: FleetHealthOptions): FleetHealth {
  const timeouts = createTimeouts(clock)
  const secrets = createSecrets({ env, folder: secretsFolder, clock })
  const monitor = createMonitor({
    clock, random, timeouts, start: startProbe,
    changed (status) {
      tell(status)
      event({ kind: 'target', ...status })
    }
  })
  return {
    watch: ({ upstreams }) => { monitor.watch(upstreams.map((options): WatchedUpstream => ({ options, tls: tlsOf(options, secrets) }))) },
    observe: monitor.observe,
    get statuses () { return monitor.statuses },
    close () {
      monitor.close()
      timeouts.close()
    }
  }
}

/** Those that serve have read the secrets already; what only they have makes checks fail, not this process. */
function tlsOf (options: Parameters<typeof upstreamTls>[0], secrets: Secrets): WatchedUpstream['tls'] {
  try {
    return upstreamTls(options, secrets)
  } catch {
    return { verify: options.tls.verify, serverName: options.tls.serverName, ca: null, certificate: null, key: null }
  }
}
