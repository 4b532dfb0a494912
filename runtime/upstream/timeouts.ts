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
  /** Slot of the wheel, -1 when in none, -2 when about to be called. */
  slot: number
  /** The tick at which the slot is looked at. */
  tick: number
  /** By the clock; Infinity: not armed. */
  deadline: number
}

export function unarmed (): Timer {
  return { previous: undefined, next: undefined, slot: -1, tick: 0, deadline: Infinity }
}

export function isArmed ({ timer }: Timed): boolean { return timer.deadline !== Infinity }

/** A timing wheel shared by all connections of a process: arming and disarming cost a few assignments, and the system sees one timer. */
export interface Timeouts {
  /** Calls `expired` once, after at least `ms` milliseconds and at most a tick later. Arms anew what is armed. */
  arm (timed: Timed, ms: number): void
  disarm (timed: Timed): void
  /** Disarms what is likely to be armed again soon: cheaper, but the wheel keeps hold of it for some seconds. */
  suspend (timed: Timed): void
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
  #linked = 0
  #ticked = 0
  #interval: NodeJS.Timeout | undefined
  #closed = false

  constructor (clock: Clock) { this.#clock = clock }

  arm (timed: Timed, ms: number): void {
    const { timer } = timed
    const now = this.#clock.now()
    if (this.#interval === undefined) this.#start(now)
    timer.deadline = now + ms
    const tick = tickOf(timer.deadline)
    // When its slot is looked at earlier, it moves on then.
    if (timer.slot >= 0) {
      if (timer.tick <= tick) return
      this.#unlink(timed)
    }
    this.#link(timed, tick)
  }

  disarm (timed: Timed): void {
    const { timer } = timed
    if (timer.slot >= 0) this.#unlink(timed)
    timer.slot = -1
    timer.deadline = Infinity
  }

  suspend (timed: Timed): void {
    if (timed.timer.slot === -2) timed.timer.slot = -1
    timed.timer.deadline = Infinity
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
      timed.timer.deadline = Infinity
      timed.expired()
    }
    if (this.#linked === 0) this.#stop()
  }

  close (): void {
    this.#closed = true
    this.#stop()
  }

  /** Looks at a slot: what is due goes to `due`, the suspended leave the wheel, the others move on to the slot of their deadline. */
  #collect (slot: number, now: number, due: Timed[]): void {
    let timed = this.#heads[slot]
    while (timed !== undefined) {
      const { timer }: Timed = timed
      const { next } = timer
      if (timer.deadline <= now) {
        this.#unlink(timed)
        timer.slot = -2
        due.push(timed)
      } else if (timer.deadline === Infinity) {
        this.#unlink(timed)
        timer.slot = -1
      } else {
        const tick = tickOf(timer.deadline)
        if (tick % slots !== slot) {
          this.#unlink(timed)
          this.#link(timed, tick)
        } else timer.tick = tick
      }
      timed = next
    }
  }

  #link (timed: Timed, tick: number): void {
    const { timer } = timed
    const slot = tick % slots
    const head = this.#heads[slot]
    timer.slot = slot
    timer.tick = tick
    timer.previous = undefined
    timer.next = head
    if (head !== undefined) head.timer.previous = timed
    this.#heads[slot] = timed
    this.#linked++
  }

  #unlink (timed: Timed): void {
    const { previous, next, slot } = timed.timer
    if (previous === undefined) this.#heads[slot] = next
    else previous.timer.next = next
    if (next !== undefined) next.timer.previous = previous
    timed.timer.previous = timed.timer.next = undefined
    this.#linked--
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

/** Due slots are looked at once they have passed, hence the tick after the deadline's own. */
function tickOf (deadline: number): number { return Math.floor(deadline / tickLength) + 1 }
