import type { LimitQuery, LimitVerdict, Meter } from './meter.ts'

/** Up to this limit each request is remembered by itself; above, those within a 64th of the window are remembered as one. */
const cells = 64

/**
 * An exact sliding window in bounded memory. Requests that share a cell expire with the last of them, so never more than `limit`
 * units pass in any stretch as long as the window; above 64 a unit may come back up to a 64th of the window late.
 */
export class Window implements Meter {
  readonly sliding = true
  /** Time of the last request of each cell, oldest first. */
  readonly #times: number[] = []
  readonly #units: number[] = []
  #total = 0
  /** Time of the first request of the newest cell. */
  #opened = -Infinity

  constructor (used: number, now: number) {
    if (used > 0) this.#add(Math.ceil(used), now, 0)
  }

  used ({ window }: LimitQuery, now: number): number {
    while (this.#times.length > 0 && this.#times[0]! + window <= now) {
      this.#times.shift()
      this.#total -= this.#units.shift()!
    }
    return this.#total
  }

  take (query: LimitQuery, now: number): LimitVerdict {
    const used = this.used(query, now)
    const missing = used + query.cost - query.limit
    if (missing > 0) return { allowed: false, remaining: Math.max(0, query.limit - used), wait: this.#freed(missing) + query.window - now }
    this.#add(query.cost, now, query.limit > cells ? query.window / cells : 0)
    return { allowed: true, remaining: query.limit - used - query.cost, wait: this.#times[0]! + query.window - now }
  }

  #add (units: number, now: number, span: number): void {
    const last = this.#times.length - 1
    this.#total += units
    if (last >= 0 && now - this.#opened < span) {
      this.#times[last] = now
      this.#units[last]! += units
      return
    }
    this.#times.push(now)
    this.#units.push(units)
    this.#opened = now
  }

  /** Time of the request with whose expiry this many units are free. */
  #freed (units: number): number {
    let sum = 0
    let index = -1
    while (sum < units && index + 1 < this.#times.length) sum += this.#units[++index]!
    return this.#times[index]!
  }
}
