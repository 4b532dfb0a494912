/** Takes turns over targets by weight. A plain value: no clock, no randomness. */
export interface RoundRobin {
  /** Index of the target whose turn it is, or -1 when every weight is zero. */
  next (): number
  /** Takes new targets and weights. Targets of the same id keep their place in the turn. */
  update (targets: readonly WeightedTarget[]): void
}

export interface WeightedTarget {
  readonly id: string
  /** Share of turns relative to the others; 0 is never chosen. */
  readonly weight: number
}

/**
 * Smooth weighted round robin: over as many turns as the weights add up to, each target gets exactly its weight, and heavy targets are
 * spread between light ones (`a b a c a`, not `a a a b c`).
 */
export function createRoundRobin (targets: readonly WeightedTarget[]): RoundRobin {
  return new SmoothRoundRobin(targets)
}

class SmoothRoundRobin implements RoundRobin {
  #ids: readonly string[] = []
  /** Of the targets that have a weight: index, weight, and how far each is behind its due share. A turn goes to the one furthest behind. */
  #indices = new Int32Array(0)
  #weights = new Int32Array(0)
  #due = new Int32Array(0)
  #total = 0

  constructor (targets: readonly WeightedTarget[]) { this.update(targets) }

  next (): number {
    const weights = this.#weights
    const due = this.#due
    const count = due.length
    if (count === 0) return -1
    let best = 0
    let most = -0x80000000
    for (let i = 0; i < count; i++) {
      const value = (due[i]! + weights[i]!) | 0
      due[i] = value
      if (value > most) {
        most = value
        best = i
      }
    }
    due[best] = (most - this.#total) | 0
    return this.#indices[best]!
  }

  update (targets: readonly WeightedTarget[]): void {
    const before = new Map(Array.from(this.#indices, (index, i) => [this.#ids[index]!, this.#due[i]!]))
    const live = targets.flatMap(({ id, weight }, index) => (weight > 0 ? [{ id, weight, index }] : []))
    const total = live.reduce((sum, { weight }) => sum + weight, 0)
    // What is due is kept in proportion: a debt of a thousand turns under old weights must not silence a target for a thousand turns.
    const scale = this.#total === 0 ? 0 : total / this.#total
    this.#ids = targets.map(({ id }) => id)
    this.#indices = Int32Array.from(live, ({ index }) => index)
    this.#weights = Int32Array.from(live, ({ weight }) => weight)
    this.#due = Int32Array.from(live, ({ id }) => (before.get(id) ?? 0) * scale)
    this.#total = total
  }
}
