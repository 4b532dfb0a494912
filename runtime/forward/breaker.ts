import type { Clock } from '../../schema/policy.ts'
import type { ResolvedBreaker } from '../../schema/resolved.ts'

/** Parts of the window that are forgotten one by one. */
const slices = 10
/** How often in a row the open time doubles at most: ten times the first. */
const maxFactor = 10
/** Least share of the load that is let through while it returns. */
const leastRamp = 0.05

export type BreakerState = 'closed' | 'open' | 'half-open' | 'ramp'

/** How a request was let through; goes back with its outcome. */
export type Pass = 'normal' | 'probe'

/** A circuit breaker over all targets of an upstream. Lives over reloads. */
export interface Breaker {
  readonly state: BreakerState
  /** Lets a request through, or tells after how many seconds to come again. */
  admit (): Pass | number
  /** May a request that was let through be tried again? */
  readonly closed: boolean
  /** The outcome of a request that was let through; undefined: none, it was given up. */
  record (pass: Pass, succeeded: boolean | undefined): void
  update (options: ResolvedBreaker): void
}

/** `random` in [0, 1). */
export function createBreaker (options: ResolvedBreaker, clock: Clock, random: () => number): Breaker {
  return new CircuitBreaker(options, clock, random)
}

class CircuitBreaker implements Breaker {
  #options: ResolvedBreaker
  readonly #clock: Clock
  readonly #random: () => number
  #state: BreakerState = 'closed'
  /** When the state began. */
  #since = 0
  #openFor = 0
  #factor = 1
  #probing = 0
  #probed = 0
  #inRow = 0
  readonly #total = new Uint32Array(slices)
  readonly #failed = new Uint32Array(slices)
  /** Number of the latest slice. */
  #slice = 0

  constructor (options: ResolvedBreaker, clock: Clock, random: () => number) {
    this.#options = options
    this.#clock = clock
    this.#random = random
  }

  get state (): BreakerState {
    if (this.#state === 'open' && this.#clock.now() - this.#since >= this.#openFor) return 'half-open'
    return this.#state === 'ramp' && this.#clock.now() - this.#since >= this.#options.ramp ? 'closed' : this.#state
  }

  get closed (): boolean { return this.#state === 'closed' || this.#state === 'ramp' }

  update (options: ResolvedBreaker): void { this.#options = options }

  admit (): Pass | number {
    if (this.#state === 'closed') return 'normal'
    const now = this.#clock.now()
    const { probes, ramp } = this.#options
    const left = this.#since + this.#openFor - now
    if (this.#state === 'open') {
      if (left > 0) return Math.ceil(left / 1000)
      this.#enter('half-open', now)
    }
    if (this.#state === 'half-open') {
      if (this.#probing + this.#probed >= probes) return 1
      this.#probing++
      return 'probe'
    }
    const share = ramp === 0 ? 1 : (now - this.#since) / ramp
    if (share >= 1) this.#enter('closed', now)
    else if (this.#random() >= Math.max(leastRamp, share)) return Math.max(1, Math.ceil((this.#since + ramp - now) / 1000))
    return 'normal'
  }

  record (pass: Pass, succeeded: boolean | undefined): void {
    if (pass === 'probe') return this.#recordProbe(succeeded)
    if (succeeded === undefined || !this.closed) return
    const now = this.#clock.now()
    this.#forget(now)
    const slice = this.#slice % slices
    this.#total[slice]!++
    if (succeeded) this.#inRow = 0
    else {
      this.#failed[slice]!++
      this.#inRow++
      if (this.#tooMany()) this.#open(now)
    }
  }

  #recordProbe (succeeded: boolean | undefined): void {
    if (this.#state !== 'half-open') return
    this.#probing--
    const now = this.#clock.now()
    if (succeeded === false) {
      this.#factor = Math.min(maxFactor, this.#factor * 2)
      this.#open(now)
    } else if (succeeded === true && ++this.#probed >= this.#options.probes) {
      this.#factor = 1
      this.#enter(this.#options.ramp === 0 ? 'closed' : 'ramp', now)
    }
  }

  #open (now: number): void {
    this.#openFor = this.#options.open * this.#factor
    this.#enter('open', now)
  }

  #enter (state: BreakerState, now: number): void {
    this.#state = state
    this.#since = now
    this.#probing = this.#probed = this.#inRow = 0
    this.#total.fill(0)
    this.#failed.fill(0)
  }

  #tooMany (): boolean {
    const { failureRatio, minRequests, consecutive } = this.#options
    if (consecutive !== null && this.#inRow >= consecutive) return true
    const total = this.#total.reduce((sum, count) => sum + count, 0)
    return total >= minRequests && this.#failed.reduce((sum, count) => sum + count, 0) >= failureRatio * total
  }

  /** Moves the window on to now. */
  #forget (now: number): void {
    const slice = Math.floor(now * slices / this.#options.window)
    const passed = Math.min(slices, Math.max(0, slice - this.#slice))
    for (let i = 1; i <= passed; i++) this.#total[(slice - passed + i) % slices] = this.#failed[(slice - passed + i) % slices] = 0
    this.#slice = Math.max(this.#slice, slice)
  }
}
