import { mergeClasses } from './alphabet.ts'
import type { Dfa } from './dfa.ts'

/** The smallest automaton with the same answers (Hopcroft's partition refinement), states numbered in breadth-first order. */
export function minimise (dfa: Dfa): Dfa {
  const blockOf = refine(dfa)
  const size = dfa.alphabet.size
  const order: number[] = [0]
  const number = new Map([[blockOf[0]!, 0]])
  const next: number[] = []
  for (const state of order) {
    for (let c = 0; c < size; c++) {
      const target = dfa.next[state * size + c]!
      let index = number.get(blockOf[target]!)
      if (index === undefined) {
        index = order.push(target) - 1
        number.set(blockOf[target]!, index)
      }
      next.push(index)
    }
  }
  return mergeColumns({ ...dfa, states: order.length, next: Int32Array.from(next), accept: Int32Array.from(order, (state) => dfa.accept[state]!) })
}

/** Characters that all states treat alike become one class. */
function mergeColumns (dfa: Dfa): Dfa {
  const size = dfa.alphabet.size
  const kept: number[] = []
  const byColumn = new Map<string, number>()
  const merged = Array.from({ length: size }, (_, c) => {
    const column = Array.from({ length: dfa.states }, (_, state) => dfa.next[state * size + c]).join()
    if (!byColumn.has(column)) byColumn.set(column, kept.push(c) - 1)
    return byColumn.get(column)!
  })
  const next = Int32Array.from({ length: dfa.states * kept.length }, (_, i) => dfa.next[Math.floor(i / kept.length) * size + kept[i % kept.length]!]!)
  return { ...dfa, alphabet: mergeClasses(dfa.alphabet, merged), next }
}

/** Block of each state in the coarsest partition that acceptance and successors respect. */
function refine (dfa: Dfa): Int32Array {
  const { states, next } = dfa
  const size = dfa.alphabet.size
  const inverse: number[][] = Array.from({ length: states * size }, () => [])
  for (let state = 0; state < states; state++) for (let c = 0; c < size; c++) inverse[next[state * size + c]! * size + c]!.push(state)

  const blocks: Set<number>[] = Array.from(dfa.accepts, () => new Set<number>())
  const blockOf = new Int32Array(states)
  for (let state = 0; state < states; state++) {
    blocks[dfa.accept[state]!]!.add(state)
    blockOf[state] = dfa.accept[state]!
  }
  const pending = new Set<number>(blocks.keys())
  for (const splitter of pending) {
    pending.delete(splitter)
    const members = [...blocks[splitter]!]
    for (let c = 0; c < size; c++) {
      const touched = new Map<number, number[]>()
      for (const member of members) {
        for (const state of inverse[member * size + c]!) {
          const block = blockOf[state]!
          const list = touched.get(block)
          if (list === undefined) touched.set(block, [state])
          else list.push(state)
        }
      }
      for (const [block, inside] of touched) {
        const whole = blocks[block]!
        if (inside.length === whole.size) continue
        const part = new Set(inside)
        for (const state of inside) whole.delete(state)
        const index = blocks.push(part) - 1
        for (const state of inside) blockOf[state] = index
        if (pending.has(block)) pending.add(index)
        else pending.add(part.size <= whole.size ? index : block)
      }
    }
  }
  return blockOf
}
