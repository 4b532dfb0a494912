import type { Endpoint, LoadWatcher } from '../upstream/endpoint.ts'
import type { Picker } from './picker.ts'
import { WinnerTree } from './winner-tree.ts'

const none = new Float64Array(0)

/** The endpoint with the fewest requests under way for its weight. Those with equally few take turns by weight. */
export class LeastConnections implements Picker, LoadWatcher {
  #endpoints: readonly Endpoint[] = []
  /** 1 / weight */
  #shares = none
  /** Requests under way for the weight. */
  #loads = none
  /** When each one's next turn is, in virtual time (weighted fair queueing): among equals the earliest is taken. */
  #turns = none
  /** Turn of the one taken last: who was busy meanwhile has not saved up turns. */
  #now = 0
  #order = new WinnerTree(none, none)
  /** One whose turn has changed and the order does not know it yet: mostly its load changes next. None: -1. */
  #moved = -1

  pick (tried: readonly Endpoint[]): Endpoint | undefined {
    this.#settle()
    const least = this.#order.least
    if (least < 0) return undefined
    const found = this.#endpoints[least]!.takes(tried) ? least : this.#search(tried)
    if (found < 0) return undefined
    this.#now = Math.max(this.#now, this.#turns[found]!)
    this.#turns[found] = this.#now + this.#shares[found]!
    this.#moved = found
    return this.#endpoints[found]
  }

  update (endpoints: readonly Endpoint[], weights: Float64Array): void {
    const now = this.#now
    const known = new Map(this.#endpoints.map((endpoint, i) => [endpoint.id, this.#turns[i]! - now]))
    this.#endpoints = endpoints
    const shares = this.#shares = Float64Array.from(weights, (weight) => 1 / weight)
    // Time begins anew, so that its numbers stay small; a turn is not put off for longer than the new weight says.
    this.#turns = Float64Array.from(endpoints, ({ id }, i) => Math.max(0, Math.min(shares[i]!, known.get(id) ?? shares[i]!)))
    this.#loads = Float64Array.from(endpoints, ({ active }, i) => active * shares[i]!)
    this.#now = 0
    this.#order = new WinnerTree(this.#loads, this.#turns)
    this.#moved = -1
    for (const [slot, endpoint] of endpoints.entries()) endpoint.watch(this, slot)
  }

  loadChanged (slot: number, active: number): void {
    if (slot !== this.#moved) this.#settle()
    this.#moved = -1
    this.#loads[slot] = active * this.#shares[slot]!
    this.#order.changed(slot)
  }

  #settle (): void {
    if (this.#moved < 0) return
    this.#order.changed(this.#moved)
    this.#moved = -1
  }

  /** The first of those that take the request; -1: none does. */
  #search (tried: readonly Endpoint[]): number {
    let found = -1
    for (const [i, endpoint] of this.#endpoints.entries()) {
      if (endpoint.takes(tried) && (found < 0 || this.#isBefore(i, found))) found = i
    }
    return found
  }

  #isBefore (a: number, b: number): boolean {
    const difference = this.#loads[a]! - this.#loads[b]!
    return difference < 0 || (difference === 0 && this.#turns[a]! < this.#turns[b]!)
  }
}
