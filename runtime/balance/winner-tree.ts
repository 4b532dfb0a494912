/**
 * The entry with the least key, where keys change one at a time: a change replays the matches of that entry alone, on the way to the root
 * (Knuth, The Art of Computer Programming 3, section 5.4.1, "tree of losers" as one of winners). Keys are pairs: the second number decides among equal
 * first ones, the lower entry among equal pairs.
 */
export class WinnerTree {
  readonly #first: Float64Array
  readonly #second: Float64Array
  /** Leaves are at `#leaves` and above; none: -1. */
  readonly #winners: Int32Array
  readonly #leaves: number

  /** Of each entry the two numbers of its key. Who writes to them says so by `changed`. */
  constructor (first: Float64Array, second: Float64Array) {
    this.#first = first
    this.#second = second
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, first.length)))
    this.#winners = new Int32Array(2 * this.#leaves).fill(-1)
    for (let entry = 0; entry < first.length; entry++) this.#winners[this.#leaves + entry] = entry
    for (let node = this.#leaves - 1; node > 0; node--) this.#winners[node] = this.#play(this.#winners[2 * node]!, this.#winners[2 * node + 1]!)
  }

  /** -1 when there are no entries. */
  get least (): number { return this.#winners[1]! }

  /** The key of this entry has changed. */
  changed (entry: number): void {
    const winners = this.#winners
    for (let node = (this.#leaves + entry) >> 1; node > 0; node >>= 1) {
      const was = winners[node]!
      const now = this.#play(winners[2 * node]!, winners[2 * node + 1]!)
      winners[node] = now
      // Neither did it win here nor does it now: nothing above has heard of it.
      if (was !== entry && now !== entry) return
    }
  }

  /** `a` is the lower entry. */
  #play (a: number, b: number): number {
    if (b < 0) return a
    const difference = this.#first[a]! - this.#first[b]!
    return difference < 0 || (difference === 0 && this.#second[a]! <= this.#second[b]!) ? a : b
  }
}
