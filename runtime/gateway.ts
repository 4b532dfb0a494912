import type { BreakerState } from './forward/breaker.ts'
import type { Exchange } from '../schema/exchange.ts'
import type { AnyPolicy, Clock } from '../schema/policy.ts'
import type { DecodedBundle } from './decode.ts'
import { createHttpListener } from './http/listener.ts'
import type { Listener } from './listener.ts'
import { createListeners } from './listeners.ts'
import type { BoundListener, ListenerOptions } from './listeners.ts'
import type { AskLedger } from './policies.ts'
import { prepare } from './prepare.ts'
import { createObserver } from './health/observer.ts'
import type { TargetReport, TargetStatus } from './health/target-status.ts'
import { createVerdicts } from './health/verdicts.ts'
import { isRejection } from './rejection.ts'
import type { Rejection } from './rejection.ts'
import { createSecrets } from './secrets.ts'
import { createState } from './state.ts'
import { createSwap } from './swap.ts'
import type { Prepared } from './swap.ts'
import { createTcpListener } from './tcp/tcp-listener.ts'
import type { TcpListenerOptions } from './tcp/tcp-listener.ts'
import { createTimeouts } from './upstream/timeouts.ts'

/** The data path of one process: it serves bundles and knows nothing of where they come from. */
export interface Gateway {
  prepare (bundle: DecodedBundle): Promise<Prepared | Rejection>
  /** Takes what the health monitor says. */
  judge (status: TargetStatus): void
  report (): GatewayReport
  /** Accepts no more, and lets exchanges end for at most `graceMs`. */
  close (graceMs: number): Promise<void>
}

/** What one process has to say about itself. Plain data: travels between processes. */
export interface GatewayReport {
  readonly digest: string | null
  readonly listeners: readonly BoundListener[]
  /** Replaced snapshots that still have exchanges. */
  readonly draining: number
  /** Ended exchanges by reason code: `ok`, `rate-limited`, `connect-failed`, … */
  readonly exchanges: Readonly<Record<string, number>>
  /** Counters of policies by their id; those that never counted are left out. */
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Of the active bundle, in its order. */
  readonly upstreams: readonly UpstreamReport[]
}

/** What is under way at an upstream. Breakers and loads are of one process. */
export interface UpstreamReport {
  readonly name: string
  /** Requests under way. */
  readonly active: number
  /** Of them: being tried again. */
  readonly retries: number
  /** Null: it has none. */
  readonly breaker: BreakerState | null
}

export interface GatewayOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly secretsFolder?: string | undefined
  /** Where this gateway stands; targets of this zone are preferred. */
  readonly zone?: string | undefined
  readonly registry: ReadonlyMap<string, AnyPolicy>
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly askLedger?: AskLedger | undefined
  /** Told how requests to targets went. */
  readonly reports: (reports: readonly TargetReport[]) => void
  /** See `SwapOptions`. Default 10 minutes. */
  readonly drainMs?: number | undefined
  /** Told of every request that has ended; no exchange: it was refused before it was routed. */
  readonly ended?: ((exchange: Exchange | undefined, reason: string) => void) | undefined
  /** Told of every connection of a tcp listener that has ended. */
  readonly tcpEnded?: TcpListenerOptions['ended'] | undefined
  /** Told of what is wrong, and nothing fails for. */
  readonly warn: (where: string, reason: string) => void
  /** Told of bugs: ours, or of a policy's author. */
  readonly bug: (error: unknown, where: string) => void
}

/** `GWC_LANE=full` turns the fast path off, to find out whether a problem is in it. */
function laneOf (env: GatewayOptions['env']): 'wire' | 'full' {
  return env['GWC_LANE'] === 'full' ? 'full' : 'wire'
}

export function createGateway (options: GatewayOptions): Gateway {
  const { clock, random, bug, registry, askLedger, drainMs = 600_000 } = options
  const state = createState({ clock })
  const timeouts = createTimeouts(clock)
  const secrets = createSecrets({ env: options.env, folder: options.secretsFolder, clock })
  const reasons = new Map<string, number>()
  const sweeping = setInterval(() => { state.sweep() }, 60_000).unref()

  const ended = (exchange: Exchange | undefined, reason: string): void => {
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    options.ended?.(exchange, reason)
  }
  const observer = createObserver(options.reports)
  const verdicts = createVerdicts()
  const tcpEnded: TcpListenerOptions['ended'] = (listener, end, reason) => {
    reasons.set(`tcp-${reason}`, (reasons.get(`tcp-${reason}`) ?? 0) + 1)
    options.tcpEnded?.(listener, end, reason)
  }
  // A socket's key has its kind: what it is updated with is of the kind that it was made of.
  const listeners = createListeners((listener, active) => (listener.protocol === 'tcp'
    ? createTcpListener({ options: listener, active, timeouts, ended: tcpEnded })
    : createHttpListener({ options: listener, active, timeouts, lane: laneOf(options.env), random, ended, bug })) as Listener<ListenerOptions>, drainMs)
  const swap = createSwap({ prepare: (bundle) => prepare(bundle, { state, secrets, registry, clock, random, timeouts, zone: options.zone, askLedger, observer, verdicts, warn: options.warn }), listeners, drainMs })

  return {
    async prepare (bundle) {
      const prepared = await swap.prepare(bundle)
      if (isRejection(prepared)) return prepared
      return {
        ...prepared,
        publish () {
          prepared.publish()
          const upstreams = swap.active?.upstreams ?? []
          verdicts.keep(upstreams.flatMap(({ options: { name: upstream }, balancer }) => balancer.endpoints.map(({ id: target }) => ({ upstream, target }))))
          observer.count(upstreams.flatMap(({ options: { name, ejection }, balancer }) =>
            ejection?.successRate == null ? [] : [{ name, endpoints: balancer.endpoints }]))
        }
      }
    },
    judge (status) {
      verdicts.take(status)
      const upstream = swap.active?.upstreams.find(({ options: { name } }) => name === status.upstream)
      const endpoint = upstream?.balancer.endpoints.find(({ id }) => id === status.target)
      if (endpoint !== undefined && verdicts.apply(status.upstream, endpoint, clock.now())) upstream!.balancer.refresh()
    },
    report: () => ({
      digest: swap.active?.digest ?? null,
      listeners: listeners.bound,
      draining: swap.draining,
      exchanges: Object.fromEntries(reasons),
      counters: Object.fromEntries([...swap.active?.counters ?? []].flatMap(([id, { made }]) => made === undefined ? [] : [[id, Object.fromEntries(made)]])),
      upstreams: (swap.active?.upstreams ?? []).map(({ options: { name }, load: { active, retries }, breaker }) => ({ name, active, retries, breaker: breaker?.state ?? null }))
    }),
    async close (graceMs) {
      clearInterval(sweeping)
      observer.close()
      await listeners.close(graceMs)
      swap.close()
      state.close()
      timeouts.close()
    }
  }
}
