import { unarmed } from '../upstream/timeouts.ts'
import type { Timed } from '../upstream/timeouts.ts'
import type { Probe, ProbeOptions, StartProbe } from './probe.ts'

/** The first check of a target comes within this time, in milliseconds. */
const soon = 1_000

export interface CheckerDependencies {
  readonly start: StartProbe
  /** In [0, 1). */
  readonly random: () => number
  /** A check has passed, or failed for this reason. */
  readonly checked: (failure: string | undefined) => void
  /** The target is healthy or not from now on. */
  readonly changed: (healthy: boolean, reason: string) => void
}

/** Checks one target again and again. The first result decides at once; later ones after `rise` or `fall` in a row. */
export class Checker implements Timed {
  readonly timer = unarmed()
  readonly #options: ProbeOptions
  readonly #dependencies: CheckerDependencies
  #healthy: boolean | undefined
  #inRow = 0
  #checking = false
  #probe: Probe | undefined

  /** `healthy`: what was known of the target before. */
  constructor (options: ProbeOptions, dependencies: CheckerDependencies, healthy: boolean | undefined) {
    this.#options = options
    this.#dependencies = dependencies
    this.#healthy = healthy
    options.timeouts.arm(this, dependencies.random() * Math.min(soon, options.health.interval))
  }

  close (): void {
    this.#options.timeouts.disarm(this)
    this.#probe?.cancel()
    this.#probe = undefined
  }

  expired (): void {
    if (!this.#checking) return this.#begin()
    this.#probe?.cancel()
    this.#take(`no answer within ${this.#options.health.timeout} ms`)
  }

  #begin (): void {
    const { timeouts, health } = this.#options
    timeouts.arm(this, health.timeout)
    this.#checking = true
    try {
      const probe = this.#dependencies.start(this.#options, (failure) => { this.#take(failure) })
      if (this.#checking) this.#probe = probe
    } catch (error) {
      this.#take((error as Error).message)
    }
  }

  #take (failure: string | undefined): void {
    const { timeouts, health: { interval, jitter, rise, fall } } = this.#options
    this.#checking = false
    this.#probe = undefined
    timeouts.arm(this, interval * (1 + jitter * (2 * this.#dependencies.random() - 1)))
    const passed = failure === undefined
    const known = this.#healthy
    this.#inRow = passed === known ? 0 : this.#inRow + 1
    if (known === undefined || this.#inRow >= (passed ? rise : fall)) {
      this.#inRow = 0
      this.#healthy = passed
      if (known !== passed) this.#dependencies.changed(passed, failure ?? '')
    }
    this.#dependencies.checked(failure)
  }
}
