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
  #weights = new Int32Array(0)
  /** How far each target is behind its due share; a turn goes to the one furthest behind. The sum does not change. */
  #due = new Float64Array(0)
  #total = 0

  constructor (targets: readonly WeightedTarget[]) { this.update(targets) }

  next (): number {
    const weights = this.#weights
    const due = this.#due
    let best = -1
    let most = -Infinity
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!
      if (weight === 0) continue
      const value = due[i]! + weight
      due[i] = value
      if (value > most) {
        most = value
        best = i
      }
    }
    if (best >= 0) due[best] = most - this.#total
    return best
  }

  update (targets: readonly WeightedTarget[]): void {
    const total = targets.reduce((sum, target) => sum + target.weight, 0)
    const before = new Map(this.#ids.map((id, index) => [id, this.#due[index]!]))
    // What is due is kept in proportion: a debt of a thousand turns under old weights must not silence a target for a thousand turns.
    const scale = this.#total === 0 ? 0 : total / this.#total
    this.#ids = targets.map((target) => target.id)
    this.#weights = Int32Array.from(targets, (target) => target.weight)
    this.#due = Float64Array.from(targets, (target) => (target.weight === 0 ? 0 : Math.trunc((before.get(target.id) ?? 0) * scale)))
    this.#total = total
  }
}
