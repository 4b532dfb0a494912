/**
 * The first of many by an order that changes one entry at a time: a change replays the matches of that entry alone, on the way to the root
 * (Knuth, The Art of Computer Programming 3, section 5.4.1, "tree of losers" as one of winners).
 */
export class WinnerTree {
  readonly #before: (a: number, b: number) => boolean
  /** Leaves are at `#leaves` and above; none: -1. */
  readonly #winners: Int32Array
  readonly #leaves: number

  /** `before`: whether entry `a` goes before `b`. */
  constructor (size: number, before: (a: number, b: number) => boolean) {
    this.#before = before
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, size)))
    this.#winners = new Int32Array(2 * this.#leaves).fill(-1)
    for (let entry = 0; entry < size; entry++) this.#winners[this.#leaves + entry] = entry
    for (let node = this.#leaves - 1; node > 0; node--) this.#winners[node] = this.#play(node)
  }

  /** -1 when there are no entries. */
  get first (): number { return this.#winners[1]! }

  /** The place of this entry in the order has changed. */
  changed (entry: number): void {
    const winners = this.#winners
    for (let node = (this.#leaves + entry) >> 1; node > 0; node >>= 1) {
      const was = winners[node]!
      const now = this.#play(node)
      winners[node] = now
      // Neither did it win here nor does it now: nothing above has heard of it.
      if (was !== entry && now !== entry) return
    }
  }

  #play (node: number): number {
    const a = this.#winners[2 * node]!
    const b = this.#winners[2 * node + 1]!
    return b < 0 || (a >= 0 && !this.#before(b, a)) ? a : b
  }
}
