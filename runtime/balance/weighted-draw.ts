/**
 * Draws indices at random by weight, in the same time for any number of them: the alias method (Walker; Vose, "A linear algorithm for
 * generating random numbers with a given distribution", 1991). Each index has a column of equal width, which it shares with at most one other.
 */
export class WeightedDraw {
  /** Part of each column that is its own. */
  readonly #own: Float64Array
  readonly #other: Uint32Array

  /** `weights`: at least one, all above zero. */
  constructor (weights: Float64Array) {
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
    this.#own = weights.map((weight) => weight / mean)
    this.#other = Uint32Array.from(weights, (_, index) => index)
    const small: number[] = []
    const large: number[] = []
    for (const [index, own] of this.#own.entries()) (own < 1 ? small : large).push(index)
    while (small.length > 0 && large.length > 0) {
      const less = small.pop()!
      const more = large[large.length - 1]!
      this.#other[less] = more
      this.#own[more]! -= 1 - this.#own[less]!
      if (this.#own[more]! < 1) small.push(large.pop()!)
    }
  }

  /** `random` in [0, 1). */
  draw (random: number): number {
    const place = random * this.#own.length
    const column = Math.floor(place)
    return place - column < this.#own[column]! ? column : this.#other[column]!
  }
}
