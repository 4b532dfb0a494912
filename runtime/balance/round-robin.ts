import type { Endpoint } from '../upstream/endpoint.ts'
import type { Picker } from './picker.ts'

/**
 * Smooth weighted round robin: over as many turns as the weights add up to, each endpoint gets exactly its weight, and heavy ones are
 * spread between light ones (`a b a c a`, not `a a a b c`). Endpoints that stay over an update keep their place in the turn.
 */
export class RoundRobin implements Picker {
  #endpoints: readonly Endpoint[] = []
  #weights: Float64Array = new Float64Array(0)
  /** How far each endpoint is behind its due share. A turn goes to the one furthest behind. */
  #due = new Float64Array(0)
  #total = 0

  pick (tried: readonly Endpoint[]): Endpoint | undefined {
    const endpoints = this.#endpoints
    for (let turn = 0; turn < endpoints.length; turn++) {
      const endpoint = endpoints[this.#next()]!
      if (endpoint.takes(tried)) return endpoint
    }
    // Weights may keep a light one from its turn for long: what is left is asked one by one.
    for (const endpoint of endpoints) if (endpoint.takes(tried)) return endpoint
    return undefined
  }

  update (endpoints: readonly Endpoint[], weights: Float64Array): void {
    const before = new Map(this.#endpoints.map((endpoint, i) => [endpoint.id, this.#due[i]!]))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    // What is due is kept in proportion: a debt of a thousand turns under old weights must not silence an endpoint for a thousand turns.
    const scale = this.#total === 0 ? 0 : total / this.#total
    this.#endpoints = endpoints
    this.#weights = weights
    this.#due = Float64Array.from(endpoints, ({ id }) => Math.trunc((before.get(id) ?? 0) * scale))
    this.#total = total
  }

  #next (): number {
    const weights = this.#weights
    const due = this.#due
    let best = 0
    let most = -Infinity
    for (let i = 0; i < due.length; i++) {
      const value = due[i]! + weights[i]!
      due[i] = value
      if (value > most) {
        most = value
        best = i
      }
    }
    due[best] = most - this.#total
    return best
  }
}
