import type { Fields } from '../exchange.ts'
import type { Automaton } from './automaton.ts'
import { FieldDecision } from './field-decision.ts'
import { HostTable } from './host-table.ts'
import { PathWalk } from './path-walk.ts'

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

/** Makes an automaton ready to match. The tables are used as they are; one matcher serves one thread. */
export function createMatcher (automaton: Automaton): Matcher {
  return new TableMatcher(automaton)
}

class TableMatcher implements Matcher {
  readonly segments: Int32Array
  readonly #rows: Int32Array
  readonly #methods: readonly string[]
  readonly #columns: ReadonlyMap<string, number>
  readonly #getColumn: number
  readonly #hosts: HostTable
  readonly #walk: PathWalk
  readonly #fieldDecision: FieldDecision
  #scratch = new Uint8Array(1024)

  constructor (automaton: Automaton) {
    this.#rows = automaton.rows
    this.#methods = automaton.methods
    this.#columns = new Map(automaton.methods.map((method, column) => [method, column]))
    this.#getColumn = this.#columns.get('GET') ?? automaton.methods.length
    this.#hosts = new HostTable(automaton)
    this.#walk = new PathWalk(automaton)
    this.#fieldDecision = new FieldDecision(automaton)
    this.segments = this.#walk.segments
  }

  match (listener: number, host: string, method: string, path: Uint8Array, start: number, end: number, fields: Fields): number {
    const root = this.#hosts.root(listener, host)
    if (root === 0) return -1
    const row = this.#walk.row(root, path, start, end)
    const column = method === 'GET' ? this.#getColumn : this.#columns.get(method) ?? this.#methods.length
    const target = this.#rows[row + column]!
    return target >= -2 ? target : this.#fieldDecision.decide(target, fields)
  }

  matchString (listener: number, host: string, method: string, path: string, fields: Fields): number {
    const length = path.length
    if (length > this.#scratch.length) this.#scratch = new Uint8Array(2 * length)
    const bytes = this.#scratch
    for (let i = 0; i < length; i++) {
      const char = path.charCodeAt(i)
      // Normalised paths are ASCII; nothing else may pass for a letter because it was cut to eight bits.
      bytes[i] = char < 128 ? char : 255
    }
    return this.match(listener, host, method, bytes, 0, length, fields)
  }

  allowedMethods (listener: number, host: string, path: string, fields: Fields): readonly string[] {
    return this.#methods.filter((method) => this.matchString(listener, host, method, path, fields) >= 0)
  }
}
