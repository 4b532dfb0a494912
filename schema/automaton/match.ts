import type { Fields } from '../exchange.ts'
import type { Automaton } from './automaton.ts'
import { dfaHeader } from './dfa-tables.ts'
import { FieldDecision } from './field-decision.ts'
import { HostTable } from './host-table.ts'

/** The one matcher: the runtime answers requests with it, and lint, plan and explain reason with the same tables. */
export interface Matcher {
  /**
   * The index of the route that wins, -1 when nothing matches, -2 when a route matches but for the method. The host is in lower case
   * without port; the path lies in `path[start, end)`, normalised, without query.
   */
  match (listener: number, host: string, method: string, path: Uint8Array, start: number, end: number, fields: Fields): number
  matchString (listener: number, host: string, method: string, path: string, fields: Fields): number
  /**
   * After a match: where the parameter in segment i stands, [2 * i] to [2 * i + 1], relative to the path's first byte. A rest parameter ends with
   * the path, whatever stands at [2 * i + 1]. Valid until the next match.
   */
  readonly segments: Int32Array
  /** Methods for which some route takes the request, for `Allow`. Slow: for 405 only. */
  allowedMethods (listener: number, host: string, path: string, fields: Fields): readonly string[]
}

const slash = 0x2f

/** Makes an automaton ready to match. The tables are used as they are; one matcher serves one thread. */
export function createMatcher (automaton: Automaton): Matcher {
  return new TableMatcher(automaton)
}

class TableMatcher implements Matcher {
  readonly segments: Int32Array
  /** `segments` behind one word, so that the end of the segment before the first has a place too. */
  readonly #marks: Int32Array
  readonly #automaton: Automaton
  readonly #labels: Uint8Array
  readonly #hosts: HostTable
  readonly #columns: ReadonlyMap<string, number>
  readonly #fieldDecision: FieldDecision
  #scratch = new Uint8Array(1024)

  constructor (automaton: Automaton) {
    this.#automaton = automaton
    this.#labels = new Uint8Array(automaton.nodes.buffer, automaton.nodes.byteOffset, automaton.nodes.byteLength)
    this.#marks = new Int32Array(2 * automaton.depths + 2)
    this.segments = this.#marks.subarray(1)
    this.#hosts = new HostTable(automaton)
    this.#columns = new Map(automaton.methods.map((method, column) => [method, column]))
    this.#fieldDecision = new FieldDecision(automaton)
  }

  match (listener: number, host: string, method: string, path: Uint8Array, start: number, end: number, fields: Fields): number {
    let node = this.#hosts.root(listener, host)
    if (node === 0 || start >= end || path[start] !== slash) return -1
    const row = this.#walk(node, path, start, end)
    const { rows } = this.#automaton
    const target = rows[row + (this.#columns.get(method) ?? this.#automaton.methods.length)]!
    return target >= -2 ? target : this.#fieldDecision.decide(target, fields)
  }

  /** The row of decisions for a path. Reads every byte once, those of a segment under a regular expression twice. */
  #walk (root: number, path: Uint8Array, start: number, end: number): number {
    const { nodes } = this.#automaton
    const labels = this.#labels
    const marks = this.#marks
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
            let label = (child + 2 + ((childWord >> 8) & 0xff)) << 2
            let i = at + 1
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
      if (mode === 0) return 0
      if (mode === 1) return nodes[segment - 3]!
      while (at < end && path[at] !== slash) at++
      if (at === first) return nodes[segment - 5]!
      marks[depth + 2] = at - start
      let outcome = segment - 3
      let next = segment - 4
      if (mode === 3) {
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

  #classify (dfa: number, path: Uint8Array, first: number, end: number): number {
    const { dfas, classMaps } = this.#automaton
    const map = dfas[dfa]!
    let state = dfa + dfaHeader
    for (let i = first; i < end; i++) state = dfas[state + 1 + classMaps[map + path[i]!]!]!
    return dfas[state]!
  }

  matchString (listener: number, host: string, method: string, path: string, fields: Fields): number {
    const length = path.length
    if (length > this.#scratch.length) this.#scratch = new Uint8Array(2 * length)
    const bytes = this.#scratch
    for (let i = 0; i < length; i++) bytes[i] = path.charCodeAt(i)
    return this.match(listener, host, method, bytes, 0, length, fields)
  }

  allowedMethods (listener: number, host: string, path: string, fields: Fields): readonly string[] {
    return this.#automaton.methods.filter((method) => this.matchString(listener, host, method, path, fields) >= 0)
  }
}
