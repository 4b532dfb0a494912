import type { Call } from './call.ts'
import { ForgottenCall } from './forgotten-call.ts'
import { unarmed } from './timeouts.ts'
import type { Timed, Timeouts } from './timeouts.ts'

/** Milliseconds that they wait for a response before theirs, where half its timeout is not less; then they are asked for elsewhere. */
const patience = 1_000

const nobody: readonly Call[] = Object.freeze([])

/** Calls whose requests are out on a connection behind that of its current call, in order. */
export class Followers implements Timed {
  readonly timer = unarmed()
  readonly #timeouts: Timeouts
  readonly #tooMuch: () => void
  readonly #impatient: (calls: readonly Call[]) => void
  #calls = nobody

  /** `tooMuch`: a response that nobody wants is longer than is worth reading. `impatient`: these do not wait any longer. */
  constructor (timeouts: Timeouts, tooMuch: () => void, impatient: (calls: readonly Call[]) => void) {
    this.#timeouts = timeouts
    this.#tooMuch = tooMuch
    this.#impatient = impatient
  }

  get length (): number { return this.#calls.length }

  /** Those that somebody still wants. */
  get wanted (): readonly Call[] { return this.#calls.filter((call) => !(call instanceof ForgottenCall)) }

  /** `current`: whose response comes before. */
  add (call: Call, current: Call): void {
    this.#calls = [...this.#calls, call]
    if (this.#calls.length === 1) this.#wait(current)
  }

  /** Takes out the next one, whose response comes now. */
  shift (): Call | undefined {
    const next = this.#calls[0]
    if (next === undefined) return undefined
    this.#calls = this.#calls.slice(1)
    if (this.#calls.length > 0) this.#wait(next)
    else this.#timeouts.suspend(this)
    return next
  }

  /** Takes out all, for there will be no responses; returns those that somebody still wants. */
  clear (): readonly Call[] {
    if (this.#calls.length === 0) return nobody
    const { wanted } = this
    this.#calls = nobody
    this.#timeouts.disarm(this)
    return wanted
  }

  /** Its response will be read and dropped. */
  forget (call: Call): void { this.#calls = this.#calls.map((other) => other === call ? this.forgotten(call) : other) }

  /** What stands in the place of a call that was given up. */
  forgotten (call: Call): Call { return new ForgottenCall(call, this.#tooMuch) }

  expired (): void {
    const { wanted } = this
    this.#calls = this.#calls.map((call) => this.forgotten(call))
    this.#impatient(wanted)
  }

  #wait ({ responseTimeout }: Call): void { this.#timeouts.arm(this, Math.min(patience, responseTimeout / 2)) }
}
