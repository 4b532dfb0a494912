import type { Endpoint } from '../upstream/endpoint.ts'
import type { Picker } from './picker.ts'

/** The endpoint with the fewest requests under way for its weight. Those with equally few take turns by weight. */
export class LeastConnections implements Picker {
  #endpoints: readonly Endpoint[] = []
  #weights: Float64Array = new Float64Array(0)
  /** How far each endpoint is behind in ties. */
  #due = new Float64Array(0)

  pick (tried: readonly Endpoint[]): Endpoint | undefined {
    const endpoints = this.#endpoints
    const weights = this.#weights
    let least = Infinity
    let found = -1
    let ties = 0
    for (let i = 0; i < endpoints.length; i++) {
      const load = endpoints[i]!.active / weights[i]!
      if (load > least || !endpoints[i]!.takes(tried)) continue
      if (load === least) {
        ties++
        continue
      }
      least = load
      found = i
      ties = 0
    }
    if (found < 0) return undefined
    return endpoints[ties === 0 ? found : this.#turn(least, found, tried)]
  }

  update (endpoints: readonly Endpoint[], weights: Float64Array): void {
    const before = new Map(this.#endpoints.map((endpoint, i) => [endpoint.id, this.#due[i]!]))
    this.#endpoints = endpoints
    this.#weights = weights
    this.#due = Float64Array.from(endpoints, ({ id }, i) => Math.max(-weights[i]!, Math.min(weights[i]!, before.get(id) ?? 0)))
  }

  /** Smooth weighted round robin among those whose load is `least`. */
  #turn (least: number, first: number, tried: readonly Endpoint[]): number {
    const endpoints = this.#endpoints
    const weights = this.#weights
    const due = this.#due
    let best = first
    let most = -Infinity
    let total = 0
    for (let i = first; i < endpoints.length; i++) {
      const weight = weights[i]!
      if (endpoints[i]!.active / weight !== least || !endpoints[i]!.takes(tried)) continue
      total += weight
      const value = due[i]! + weight
      due[i] = value
      if (value > most) {
        most = value
        best = i
      }
    }
    due[best] = most - total
    return best
  }
}
