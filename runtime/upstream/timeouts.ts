import type { Clock } from '../../schema/policy.ts'

/** Something with at most one running timeout. */
export interface Timed {
  /** Owned by `Timeouts`; begin with `unarmed()`. */
  readonly timer: Timer
  /** Called once when the time is over. */
  expired (): void
}

/** The place of a `Timed` in the wheel. */
export interface Timer {
  previous: Timed | undefined
  next: Timed | undefined
  /** Slot of the wheel, -1 when not armed, -2 when about to be called. */
  slot: number
  deadline: number
}

export function unarmed (): Timer {
  return { previous: undefined, next: undefined, slot: -1, deadline: 0 }
}

/** A timing wheel shared by all connections of a process: arming and disarming cost a few assignments, and the system sees one timer. */
export interface Timeouts {
  /** Calls `expired` once, after at least `ms` milliseconds and at most a tick later. Arms anew what is armed. */
  arm (timed: Timed, ms: number): void
  disarm (timed: Timed): void
  /** Expires what is due by the clock. The wheel calls it by itself; tests with a clock of their own call it. */
  tick (): void
  /** Stops the wheel for good; nothing expires any more. */
  close (): void
}

/** Milliseconds between two ticks of the wheel. */
export const tickLength = 20

const slots = 512

/** A wheel driven by the given clock. Its timer does not keep the process alive. */
export function createTimeouts (clock: Clock): Timeouts {
  return new Wheel(clock)
}

class Wheel implements Timeouts {
  readonly #clock: Clock
  readonly #heads: (Timed | undefined)[] = new Array<Timed | undefined>(slots).fill(undefined)
  #armed = 0
  #ticked = 0
  #interval: NodeJS.Timeout | undefined
  #closed = false

  constructor (clock: Clock) { this.#clock = clock }

  arm (timed: Timed, ms: number): void {
    const timer = timed.timer
    if (timer.slot >= 0) this.#unlink(timed)
    const now = this.#clock.now()
    if (this.#interval === undefined) this.#start(now)
    timer.deadline = now + ms
    // Due slots are visited once passed, hence the slot after the deadline's own.
    const slot = (Math.floor(timer.deadline / tickLength) + 1) % slots
    const head = this.#heads[slot]
    timer.slot = slot
    timer.previous = undefined
    timer.next = head
    if (head !== undefined) head.timer.previous = timed
    this.#heads[slot] = timed
    this.#armed++
  }

  disarm (timed: Timed): void {
    if (timed.timer.slot >= 0) this.#unlink(timed)
    timed.timer.slot = -1
  }

  tick (): void {
    const now = this.#clock.now()
    const current = Math.floor(now / tickLength)
    const due: Timed[] = []
    for (let tick = Math.max(this.#ticked + 1, current - slots + 1); tick <= current; tick++) this.#collect(tick % slots, now, due)
    this.#ticked = current
    for (const timed of due) {
      if (timed.timer.slot !== -2) continue
      timed.timer.slot = -1
      timed.expired()
    }
    if (this.#armed === 0) this.#stop()
  }

  close (): void {
    this.#closed = true
    this.#stop()
  }

  #collect (slot: number, now: number, due: Timed[]): void {
    for (let timed = this.#heads[slot]; timed !== undefined;) {
      const next = timed.timer.next
      if (timed.timer.deadline <= now) {
        this.#unlink(timed)
        timed.timer.slot = -2
        due.push(timed)
      }
      timed = next
    }
  }

  #unlink (timed: Timed): void {
    const { previous, next, slot } = timed.timer
    if (previous === undefined) this.#heads[slot] = next
    else previous.timer.next = next
    if (next !== undefined) next.timer.previous = previous
    timed.timer.previous = timed.timer.next = undefined
    this.#armed--
  }

  #start (now: number): void {
    if (this.#closed) return
    this.#ticked = Math.floor(now / tickLength)
    this.#interval = setInterval(() => this.tick(), tickLength).unref()
  }

  #stop (): void {
    clearInterval(this.#interval)
    this.#interval = undefined
  }
}
