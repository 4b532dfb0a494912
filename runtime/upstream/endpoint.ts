import type { ResolvedTarget } from '../../schema/resolved.ts'
import type { Pool } from './pool.ts'

/** Over this time, in milliseconds, a latency that was seen counts for less and less beside newer ones. */
const latencyDecay = 10_000
/** Over this time, in milliseconds, a latency fades while nobody asks. */
const latencyFade = 3 * latencyDecay

/** Chooses by load. */
export interface LoadWatcher {
  /** `slot`: what it calls the endpoint. */
  loadChanged (slot: number, active: number, before: number): void
}

/** A target as this process sees it. It outlives snapshots: a reload of an unchanged target forgets neither load nor health. */
export class Endpoint {
  /** `http://10.0.0.1:8080`: one of its upstream. */
  readonly id: string
  readonly pool: Pool
  /** Weight, priority, zone and drain as the active snapshot has them. */
  target: ResolvedTarget
  /** Requests under way that it takes at most. */
  maxActive: number
  /** What active checks say; true while nothing is known. */
  healthy = true
  /** Passive health leaves it alone for a while. */
  ejected = false
  /** Why it is unhealthy or ejected, in words. */
  reason = ''
  /** The latest request did not succeed. */
  failing = false
  /** Requests that succeeded since they were last counted. */
  successes = 0
  /** When it was last found usable again after it was not, by the monotonic clock. */
  recoveredAt = -Infinity
  #active = 0
  #watcher: LoadWatcher | undefined
  #slot = 0
  /**
   * Logarithm of the milliseconds that it takes to answer, as if they had been seen at the time 0. It fades while nobody asks, so that a target that was slow
   * once is tried again; all fade alike, so that two are compared without the time. -Infinity: not known.
   */
  lag = -Infinity
  #answeredAt = 0

  constructor (id: string, pool: Pool, target: ResolvedTarget, maxActive: number) {
    this.id = id
    this.pool = pool
    this.target = target
    this.maxActive = maxActive
  }

  /** Requests and tunnels under way. */
  get active (): number { return this.#active }
  set active (active: number) {
    const before = this.#active
    this.#active = active
    this.#watcher?.loadChanged(this.#slot, active, before)
  }

  /** From now on this one hears of its load, and nobody else does. */
  watch (watcher: LoadWatcher, slot: number): void {
    this.#watcher = watcher
    this.#slot = slot
  }

  get usable (): boolean { return this.healthy && !this.ejected }

  /** May take one more request, and is none of these. */
  takes (tried: readonly Endpoint[]): boolean {
    return this.active < this.maxActive && (tried.length === 0 || !tried.includes(this))
  }

  /** Takes what the health checker says. True when it makes a difference to who is chosen. */
  judge (healthy: boolean, ejected: boolean, reason: string, now: number): boolean {
    const before = this.usable
    this.healthy = healthy
    this.ejected = ejected
    this.reason = reason
    if (!before && this.usable) this.recoveredAt = now
    return before !== this.usable
  }

  /** Peak-sensitive moving average: a slow answer counts at once, faster ones by and by. */
  answered (ms: number, now: number): void {
    const known = Math.exp(this.lag - now / latencyFade)
    const latency = ms >= known ? ms : ms + (known - ms) * Math.exp((this.#answeredAt - now) / latencyDecay)
    this.lag = Math.log(Math.max(latency, 1e-3)) + now / latencyFade
    this.#answeredAt = now
  }
}

/** `http://10.0.0.1:8080` */
export function endpointId ({ scheme, host, port }: ResolvedTarget): string {
  return `${scheme}://${host}:${port}`
}
