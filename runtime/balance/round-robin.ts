import type { Endpoint } from '../upstream/endpoint.ts'
import type { Picker } from './picker.ts'

/** Turns are worked out ahead up to this many; weights that add up to more are worked out turn by turn. */
const maxAhead = 4_096

/**
 * Smooth weighted round robin: over as many turns as the weights add up to, each endpoint gets exactly its weight, and heavy ones are
 * spread between light ones (`a b a c a`, not `a a a b c`). Endpoints that stay over an update keep their place in the turn.
 */
export class RoundRobin implements Picker {
  #endpoints: readonly Endpoint[] = []
  #weights: Float64Array = new Float64Array(0)
  /** How far each endpoint is behind its due share, after the turns that are worked out. A turn goes to the one furthest behind. */
  #due = new Float64Array(0)
  #total = 0
  /** The turns of one round, and what was due before it: a round that ends as it began is the same again. */
  #round = new Uint16Array(0)
  #before = new Float64Array(0)
  #next = 0

  pick (tried: readonly Endpoint[]): Endpoint | undefined {
    const endpoints = this.#endpoints
    for (let turn = 0; turn < endpoints.length; turn++) {
      const endpoint = endpoints[this.#turn()]!
      if (endpoint.takes(tried)) return endpoint
    }
    // Weights may keep a light one from its turn for long: what is left is asked one by one.
    for (const endpoint of endpoints) if (endpoint.takes(tried)) return endpoint
    return undefined
  }

  update (endpoints: readonly Endpoint[], weights: Float64Array): void {
    this.#rewind()
    const known = new Map(this.#endpoints.map((endpoint, i) => [endpoint.id, this.#due[i]!]))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    // What is due is kept in proportion: a debt of a thousand turns under old weights must not silence an endpoint for a thousand turns.
    const scale = this.#total === 0 ? 0 : total / this.#total
    this.#endpoints = endpoints
    this.#weights = weights
    this.#due = Float64Array.from(endpoints, ({ id }) => Math.trunc((known.get(id) ?? 0) * scale))
    this.#total = total
    const whole = weights.every((weight) => Number.isInteger(weight))
    this.#round = new Uint16Array(whole && total <= maxAhead ? total : 0)
    this.#before = new Float64Array(0)
    this.#next = this.#round.length
  }

  #turn (): number {
    const round = this.#round
    if (round.length === 0) return this.#decide()
    if (this.#next === round.length) {
      if (!this.#ends()) this.#workOut()
      this.#next = 0
    }
    return round[this.#next++]!
  }

  /** Whether the round has ended as it began. */
  #ends (): boolean {
    const before = this.#before
    if (before.length !== this.#due.length) return false
    for (let i = 0; i < before.length; i++) if (before[i] !== this.#due[i]) return false
    return true
  }

  #workOut (): void {
    this.#before = this.#due.slice()
    for (let turn = 0; turn < this.#round.length; turn++) this.#round[turn] = this.#decide()
  }

  /** Brings what is due back to the turn that was really taken last. */
  #rewind (): void {
    if (this.#before.length === 0 || this.#next === this.#round.length) return
    this.#due = this.#before.slice()
    for (let turn = 0; turn < this.#next; turn++) this.#decide()
  }

  #decide (): number {
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
