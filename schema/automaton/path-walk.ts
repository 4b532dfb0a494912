import type { Automaton } from './automaton.ts'
import { dfaHeader } from './dfa-tables.ts'
import { modes } from './radix.ts'

const slash = 0x2f

/** Walks the path through the nodes: forward only, each byte once, those of a segment under a regular expression twice. Allocates nothing. */
export class PathWalk {
  /** Where segment i stands in the last path: [2 * i] to [2 * i + 1], as far as some parameter could stand there. */
  readonly segments: Int32Array
  /** `segments` behind one word, so that the end of the segment before the first has a place too. */
  readonly #marks: Int32Array
  readonly #nodes: Int32Array
  readonly #labels: Uint8Array
  readonly #dfas: Int32Array
  readonly #classMaps: Uint8Array
  // Labels are compared four bytes at a time in memory that is walked again and again, such as a socket's read buffer.
  #path: Uint8Array | undefined
  #words: DataView | undefined

  constructor ({ nodes, depths, dfas, classMaps }: Automaton) {
    this.#nodes = nodes
    this.#labels = new Uint8Array(nodes.buffer, nodes.byteOffset, nodes.byteLength)
    this.#dfas = dfas
    this.#classMaps = classMaps
    this.#marks = new Int32Array(2 * depths + 2)
    this.segments = this.#marks.subarray(1)
  }

  /** Offset of the row that decides for the path in `path[start, end)`. */
  row (root: number, path: Uint8Array, start: number, end: number): number {
    if (start >= end || path[start] !== slash) return 0
    const nodes = this.#nodes
    const labels = this.#labels
    const marks = this.#marks
    const words = path === this.#path ? this.#words ??= new DataView(path.buffer, path.byteOffset, path.byteLength) : this.#forget(path)
    let node = root
    let word = nodes[node + 1]!
    let at = start + 1
    // The segment at hand: the node where it begins, its first byte, twice its depth.
    let segment = root
    let first = at
    let depth = 0
    for (;;) {
      if (word < 0) {
        segment = node
        first = at
        depth = nodes[node - 1]!
        marks[depth] = at - 1 - start
        marks[depth + 1] = at - start
      }
      if (at < end) {
        const entry = path[at]! - (word & 0xff)
        const child = entry >= 0 && entry < ((word >> 8) & 0xff) ? nodes[node + 2 + entry]! : 0
        if (child !== 0) {
          const childWord = nodes[child + 1]!
          const stop = at + 1 + ((childWord >> 16) & 0x7fff)
          if (stop <= end) {
            let label = child + 2 + ((childWord >> 8) & 0xff)
            let i = at + 1
            if (words !== undefined) {
              while (i + 4 <= stop && nodes[label] === words.getInt32(i, true)) {
                i += 4
                label++
              }
            }
            label <<= 2
            while (i < stop && labels[label] === path[i]) {
              i++
              label++
            }
            if (i === stop) {
              at = i
              node = child
              word = childWord
              continue
            }
          }
        }
      } else if (nodes[node]! >= 0) {
        marks[depth + 2] = at - start
        return nodes[node]!
      }
      // No literal goes on here: the segment as a whole decides.
      const mode = nodes[segment - 2]!
      if (mode === modes.dead) return 0
      if (mode === modes.absorb) return nodes[segment - 3]!
      while (at < end && path[at] !== slash) at++
      if (at === first) return nodes[segment - 5]!
      marks[depth + 2] = at - start
      let outcome = segment - 3
      let next = segment - 4
      if (mode === modes.classify) {
        outcome = nodes[segment - 3]! + 2 * this.#classify(nodes[segment - 4]!, path, first, at)
        next = outcome + 1
      }
      if (at === end) return nodes[outcome]!
      node = nodes[next]!
      if (node === 0) return 0
      word = nodes[node + 1]!
      at++
    }
  }

  #forget (path: Uint8Array): undefined {
    this.#path = path
    this.#words = undefined
  }

  #classify (dfa: number, path: Uint8Array, first: number, end: number): number {
    const dfas = this.#dfas
    const classMaps = this.#classMaps
    const map = dfas[dfa]!
    let state = dfa + dfaHeader
    for (let i = first; i < end; i++) state = dfas[state + 1 + classMaps[map + path[i]!]!]!
    return dfas[state]!
  }
}
