import type { Dfa } from '../regex/dfa.ts'
import type { Automaton } from './automaton.ts'

/** Words in front of the states of a byte automaton. */
export const dfaHeader = 3

/** Collects byte automata into flat tables; equal character maps are stored once. */
export class DfaTables {
  readonly #words: number[] = []
  readonly #narrow: number[] = []
  readonly #wide: number[] = []
  readonly #offsets = new Map<Dfa, number>()
  readonly #maps = new Map<string, readonly [number, number, number]>()

  /** Offset of the automaton in `dfas`. */
  offset (dfa: Dfa): number {
    let offset = this.#offsets.get(dfa)
    if (offset === undefined) {
      offset = this.#words.length
      this.#offsets.set(dfa, offset)
      this.#words.push(...this.#map(dfa))
      const { size } = dfa.alphabet
      const first = this.#words.length
      for (let state = 0; state < dfa.states; state++) {
        this.#words.push(dfa.accept[state]!)
        for (let c = 0; c < size; c++) this.#words.push(first + dfa.next[state * size + c]! * (size + 1))
      }
    }
    return offset
  }

  #map ({ alphabet }: Dfa): readonly [number, number, number] {
    const key = `${alphabet.narrow.join()} ${alphabet.wide.join()}`
    let found = this.#maps.get(key)
    if (found === undefined) {
      found = [this.#narrow.length, this.#wide.length, alphabet.wide.length]
      this.#narrow.push(...alphabet.narrow)
      this.#wide.push(...alphabet.wide)
      this.#maps.set(key, found)
    }
    return found
  }

  tables (): Pick<Automaton, 'dfas' | 'classMaps' | 'wideMaps'> {
    return { dfas: Int32Array.from(this.#words), classMaps: Uint8Array.from(this.#narrow), wideMaps: Int32Array.from(this.#wide) }
  }
}
