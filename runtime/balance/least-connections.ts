import type { Endpoint, LoadWatcher } from '../upstream/endpoint.ts'
import type { Picker } from './picker.ts'
import { WinnerTree } from './winner-tree.ts'

/** The endpoint with the fewest requests under way for its weight. Those with equally few take turns by weight. */
export class LeastConnections implements Picker, LoadWatcher {
  #endpoints: readonly Endpoint[] = []
  /** 1 / weight */
  #shares = new Float64Array(0)
  /** Requests under way for the weight. */
  #loads = new Float64Array(0)
  /** When each one's next turn is, in virtual time (weighted fair queueing): among equals the earliest is taken. */
  #turns = new Float64Array(0)
  /** Turn of the one taken last: who was busy meanwhile has not saved up turns. */
  #now = 0
  /** Fewer for the weight goes before, among equals who is due earlier. */
  readonly #isBefore = (a: number, b: number): boolean => this.#loads[a]! < this.#loads[b]! || (this.#loads[a] === this.#loads[b] && this.#turns[a]! < this.#turns[b]!)
  #order = new WinnerTree(0, this.#isBefore)

  pick (tried: readonly Endpoint[]): Endpoint | undefined {
    const first = this.#order.first
    if (first < 0) return undefined
    const found = this.#endpoints[first]!.takes(tried) ? first : this.#search(tried)
    if (found < 0) return undefined
    this.#now = Math.max(this.#now, this.#turns[found]!)
    this.#turns[found] = this.#now + this.#shares[found]!
    this.#order.changed(found)
    return this.#endpoints[found]
  }

  update (endpoints: readonly Endpoint[], weights: Float64Array): void {
    const now = this.#now
    const known = new Map(this.#endpoints.map((endpoint, i) => [endpoint.id, this.#turns[i]! - now]))
    this.#endpoints = endpoints
    const shares = this.#shares = weights.map((weight) => 1 / weight) as Float64Array<ArrayBuffer>
    // Time begins anew, so that its numbers stay small; a turn is not put off for longer than the new weight says.
    this.#turns = Float64Array.from(endpoints, ({ id }, i) => Math.max(0, Math.min(shares[i]!, known.get(id) ?? shares[i]!)))
    this.#loads = Float64Array.from(endpoints, ({ active }, i) => active * shares[i]!)
    this.#now = 0
    this.#order = new WinnerTree(endpoints.length, this.#isBefore)
    for (const [slot, endpoint] of endpoints.entries()) endpoint.watch(this, slot)
  }

  loadChanged (slot: number, active: number): void {
    this.#loads[slot] = active * this.#shares[slot]!
    this.#order.changed(slot)
  }

  /** The first of those that take the request; -1: none does. */
  #search (tried: readonly Endpoint[]): number {
    let found = -1
    for (const [i, endpoint] of this.#endpoints.entries()) {
      if (endpoint.takes(tried) && (found < 0 || this.#isBefore(i, found))) found = i
    }
    return found
  }
}
