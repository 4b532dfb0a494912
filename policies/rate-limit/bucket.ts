import type { LimitQuery, LimitVerdict, Meter } from './meter.ts'

/** Rounding of sums of fractions may not refuse a request that comes in time. In units. */
const tolerance = 1e-6

/**
 * GCRA as a bucket that fills with each request and leaks evenly. It holds units, not a theoretical arrival time: so a changed limit
 * finds what was used, not what it was worth under the old one.
 */
export class Bucket implements Meter {
  readonly sliding = false
  #level: number
  #at: number

  constructor (level: number, now: number) {
    this.#level = level
    this.#at = now
  }

  used ({ limit, window, burst }: LimitQuery, now: number): number {
    const leaked = Math.max(0, now - this.#at) * limit / window
    return Math.max(0, Math.min(this.#level, burst) - leaked)
  }

  take (query: LimitQuery, now: number): LimitVerdict {
    const used = this.used(query, now)
    const unit = query.window / query.limit
    const room = query.burst - used + tolerance
    if (room < query.cost) return { allowed: false, remaining: Math.floor(room), wait: (query.cost - room) * unit }
    this.#level = used + query.cost
    this.#at = now
    const left = room - query.cost
    const remaining = Math.floor(left)
    return { allowed: true, remaining, wait: (remaining + 1 - left) * unit }
  }
}
