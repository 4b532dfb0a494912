import type { Endpoint } from '../upstream/endpoint.ts'
import type { Picker } from './picker.ts'

/** The endpoint with the fewest requests under way for its weight. Those with equally few take turns by weight. */
export class LeastConnections implements Picker {
  #endpoints: readonly Endpoint[] = []
  /** 1 / weight */
  #shares = new Float64Array(0)
  /** When each one's next turn is, in virtual time (weighted fair queueing): among equals the earliest is taken. */
  #turns = new Float64Array(0)
  /** Turn of the one taken last: who was busy meanwhile has not saved up turns. */
  #now = 0

  pick (tried: readonly Endpoint[]): Endpoint | undefined {
    const endpoints = this.#endpoints
    const shares = this.#shares
    const turns = this.#turns
    let least = Infinity
    let turn = Infinity
    let found = -1
    for (let i = 0; i < endpoints.length; i++) {
      const endpoint = endpoints[i]!
      const load = endpoint.active * shares[i]!
      if (load > least || (load === least && turns[i]! >= turn) || !endpoint.takes(tried)) continue
      least = load
      turn = turns[i]!
      found = i
    }
    if (found < 0) return undefined
    this.#now = Math.max(this.#now, turn)
    turns[found] = this.#now + shares[found]!
    return endpoints[found]
  }

  update (endpoints: readonly Endpoint[], weights: Float64Array): void {
    const now = this.#now
    const known = new Map(this.#endpoints.map((endpoint, i) => [endpoint.id, this.#turns[i]! - now]))
    this.#endpoints = endpoints
    this.#shares = weights.map((weight) => 1 / weight) as Float64Array<ArrayBuffer>
    // Time begins anew, so that its numbers stay small; a turn is not put off for longer than the new weight says.
    this.#turns = Float64Array.from(endpoints, ({ id }, i) => Math.max(0, Math.min(this.#shares[i]!, known.get(id) ?? this.#shares[i]!)))
    this.#now = 0
  }
}
