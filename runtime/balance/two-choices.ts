import type { Endpoint } from '../upstream/endpoint.ts'
import type { Picker } from './picker.ts'
import { WeightedDraw } from './weighted-draw.ts'

/** What an endpoint costs: the cheaper of two is taken. */
export type Cost = (endpoint: Endpoint, weight: number) => number

/** Chances that two at random are both taken already before all are looked at. */
const attempts = 4

/**
 * The cheaper of two endpoints chosen at random by weight (Mitzenmacher, "The power of two choices"): nearly as even as looking at all of
 * them, and many gateways that do not know of each other do not all run to the same one.
 */
export class TwoChoices implements Picker {
  readonly #random: () => number
  readonly #cost: Cost
  #endpoints: readonly Endpoint[] = []
  #weights: Float64Array = new Float64Array(0)
  /** Undefined when all weights are equal. */
  #weighted: WeightedDraw | undefined

  /** `random` in [0, 1). */
  constructor (random: () => number, cost: Cost) {
    this.#random = random
    this.#cost = cost
  }

  pick (tried: readonly Endpoint[]): Endpoint | undefined {
    const endpoints = this.#endpoints
    if (endpoints.length === 1) return endpoints[0]!.takes(tried) ? endpoints[0] : undefined
    if (endpoints.length === 0) return undefined
    for (let attempt = 0; attempt < attempts; attempt++) {
      const a = this.#draw(-1)
      const b = this.#draw(a)
      const first = endpoints[a]!
      const second = endpoints[b]!
      const takesFirst = first.takes(tried)
      if (second.takes(tried)) return takesFirst && this.#cost(first, this.#weights[a]!) <= this.#cost(second, this.#weights[b]!) ? first : second
      if (takesFirst) return first
    }
    return this.#cheapest(tried)
  }

  update (endpoints: readonly Endpoint[], weights: Float64Array): void {
    this.#endpoints = endpoints
    this.#weights = weights
    this.#weighted = weights.every((weight) => weight === weights[0]) ? undefined : new WeightedDraw(weights)
  }

  /** An index at random by weight, other than `not` where a few draws find one. */
  #draw (not: number): number {
    const count = this.#endpoints.length
    const weighted = this.#weighted
    if (weighted === undefined) {
      if (not < 0) return Math.floor(this.#random() * count)
      const index = Math.floor(this.#random() * (count - 1))
      return index < not ? index : index + 1
    }
    let index = weighted.draw(this.#random())
    for (let again = 0; index === not && again < attempts; again++) index = weighted.draw(this.#random())
    return index
  }

  #cheapest (tried: readonly Endpoint[]): Endpoint | undefined {
    let best: Endpoint | undefined
    let least = Infinity
    for (const [i, endpoint] of this.#endpoints.entries()) {
      const cost = this.#cost(endpoint, this.#weights[i]!)
      if (!endpoint.takes(tried) || cost >= least) continue
      best = endpoint
      least = cost
    }
    return best
  }
}

/** Requests under way for the weight. */
export const byLoad: Cost = ({ active }, weight) => active / weight

/** Of one more than the index: looking it up takes a third of the time. */
const logarithms = Float64Array.from({ length: 1024 }, (_, n) => Math.log(n + 1))

/** Latency times requests under way, as a logarithm. An endpoint that has not answered yet is tried by one request, and only then by more. */
export const byLatency: Cost = ({ lag, active }) => {
  if (lag === -Infinity) return active === 0 ? -Infinity : 1e9 + active
  return lag + (active < logarithms.length ? logarithms[active]! : Math.log(active + 1))
}
