import type { WitnessRequest } from '../diagnostic.ts'
import { printHost } from '../host.ts'
import { takesMethod } from '../precedence.ts'
import type { FieldCondition, RouteMatch } from '../resolved.ts'
import type { Fields } from '../exchange.ts'
import { ClassKeys, classKey, noHostKey } from './class-keys.ts'
import { methodNotAllowed, noRoute, nodeTarget, unnamedMethod, type Decisions } from './decisions.ts'
import { classValues, conditionValue, type FieldValue } from './field-witness.ts'
import type { HostGroup } from './host-groups.ts'
import { HostWitnesses } from './host-witness.ts'
import { reach, ShortestSegments, type Reached } from './reach.ts'
import { largestSet, routesUnder } from './segment-states.ts'
import type { SegmentStates } from './segment-states.ts'
import { findTies } from './ties.ts'
import { witnessFields } from './witness-fields.ts'

/** A request that shows what the analysis claims; the listener is an index into `Resolved.listeners`. */
export type Witness = Omit<WitnessRequest, 'listener'> & { readonly listener: number }

/** What the automaton's construction knows about the routes: each answer is exact and comes with requests that show it. */
export interface Analysis {
  /** Routes that win no request, each with all routes that win requests it matches and one such request each. No blockers: no request matches it at all. */
  unreachable (): readonly { readonly route: number, readonly blockers: readonly { readonly route: number, readonly witness: Witness }[] }[]
  /** Pairs of equal precedence with a request that both match and no better route takes. */
  ties (): readonly { readonly routes: readonly [number, number], readonly witness: Witness }[]
  /** Routes whose match is the same as that of an earlier route, parameter names aside. */
  duplicates (): readonly { readonly route: number, readonly of: number }[]
  /** Pairs of routes of which one takes requests that, without it, the other would take, with such a request: those where the loser asks for nothing that the winner does not. */
  overlaps (): readonly { readonly winner: number, readonly loser: number, readonly witness: Witness }[]
  /** One request per class of requests, lazily; `winner` as the matcher answers: a route, -1 nothing matches, -2 a route matches but for the method. */
  classes (): Iterable<{ readonly listener: number, readonly winner: number, readonly witness: Witness, readonly key: string }>
  /** The key of the class that a request is in, as `classes` gives it. Host and path as the matcher takes them. */
  classOf (listener: number, host: string, method: string, path: string, fields: Fields): string
  /** What the matcher answers for a request: a route, -1 nothing matches, -2 a route matches but for the method. */
  winnerOf (listener: number, host: string, method: string, path: string, fields: Fields): number
  /** How many states the routes take, how many they may, and the routes that are alive together in the state with most of them. */
  size (): { readonly states: number, readonly most: number, readonly routes: readonly number[] }
  /** A request that this route wins. */
  witnessFor (route: number): Witness | undefined
}

/** What the construction leaves behind for the analysis. */
export interface Construction {
  readonly routes: readonly RouteMatch[]
  readonly listeners: number
  readonly groups: readonly HostGroup[]
  readonly states: SegmentStates
  readonly decisions: Decisions
  /** Row of decisions by state. */
  readonly rows: readonly number[]
  /** Most states. */
  readonly budget: number
}

export function analyse (construction: Construction): Analysis {
  return new ConstructionAnalysis(construction)
}

/** Where a row is decided: a path that ends there, under the hosts of a group. */
interface Cell { readonly group: number, readonly state: number, readonly row: number, readonly path: string }

/** How far the combinations of field values of one cell are listed in `classes`. */
const combinations = 4096

class ConstructionAnalysis implements Analysis {
  readonly #construction: Construction
  readonly #hosts: HostWitnesses
  readonly #classValues: (ReadonlyMap<number, FieldValue> | undefined)[] = []
  #cells: readonly Cell[] | undefined
  #keys: ClassKeys | undefined
  #wins: ReadonlyMap<number, Witness> | undefined

  constructor (construction: Construction) {
    this.#construction = construction
    this.#hosts = new HostWitnesses(construction.groups, construction.listeners)
  }

  witnessFor (route: number): Witness | undefined {
    return this.#winning().get(route)
  }

  size (): ReturnType<Analysis['size']> {
    const { states, budget } = this.#construction
    return { states: states.sets.size, most: budget, routes: routesUnder(states.trie, largestSet(states.sets)) }
  }

  unreachable (): ReturnType<Analysis['unreachable']> {
    const wins = this.#winning()
    const lost = [...this.#construction.routes.keys()].filter((route) => !wins.has(route))
    const blockers = new Map(lost.map((route) => [route, new Map<number, Witness>()]))
    if (lost.length > 0) {
      for (const cell of this.#reachable()) {
        for (const route of this.#construction.decisions.candidates[cell.row]!) {
          const found = blockers.get(route)
          if (found !== undefined) this.#block(cell, route, found)
        }
      }
    }
    return lost.map((route) => ({ route, blockers: [...blockers.get(route)!].sort(([a], [b]) => a - b).map(([blocker, witness]) => ({ route: blocker, witness })) }))
  }

  /** Adds the routes that win what `route` matches in this cell. */
  #block (cell: Cell, route: number, found: Map<number, Witness>): void {
    const { routes } = this.#construction
    const { conditions } = routes[route]!
    const alone = conditions.map(conditionValue)
    if (alone.includes(undefined)) return
    for (const { method, target } of this.#columns(cell.row)) {
      if (!takesMethod(routes[route]!, method)) continue
      const seen = new Set<number>()
      for (const { result, values } of this.#leaves(target, seen, (classifier, held) => {
        const condition = conditions.find(({ kind, name }) => kind === classifier.kind && name === classifier.name)
        return condition === undefined || held.some((test) => sameTest(classifier.tests[test]!, condition.test))
      })) {
        if (found.has(result)) continue
        const open = alone.filter((value) => !values.some(({ kind, name }) => kind === value!.kind && name === value!.name)) as FieldValue[]
        found.set(result, this.#witness(cell, method, [...values, ...open]))
      }
    }
  }

  ties (): ReturnType<Analysis['ties']> {
    const { routes, decisions } = this.#construction
    const found = new Map<string, { routes: readonly [number, number], witness: Witness }>()
    const done = new Set<number>()
    for (const cell of this.#reachable()) {
      if (done.has(cell.row) || decisions.candidates[cell.row]!.length < 2) continue
      done.add(cell.row)
      for (const { method } of this.#columns(cell.row)) {
        for (const { pair, values } of findTies(decisions, routes, decisions.candidates[cell.row]!, method, (classifier) => this.#valuesOf(classifier))) {
          if (!found.has(pair.join())) found.set(pair.join(), { routes: pair, witness: this.#witness(cell, method, values) })
        }
      }
    }
    return [...found.values()].sort((a, b) => a.routes[0] - b.routes[0] || a.routes[1] - b.routes[1])
  }

  duplicates (): ReturnType<Analysis['duplicates']> {
    const first = new Map<string, number>()
    return this.#construction.routes.flatMap((match, route) => {
      const key = matchKey(match)
      const of = first.get(key)
      if (of === undefined) first.set(key, route)
      return of === undefined ? [] : [{ route, of }]
    })
  }

  overlaps (): ReturnType<Analysis['overlaps']> {
    const { routes, decisions } = this.#construction
    const found = new Map<string, { winner: number, loser: number, witness: Witness }>()
    const done = new Set<number>()
    for (const cell of this.#reachable()) {
      const candidates = decisions.candidates[cell.row]!
      if (done.has(cell.row) || candidates.length < 2) continue
      done.add(cell.row)
      for (const { method, target } of this.#columns(cell.row)) {
        for (const { result, values } of this.#leaves(target, new Set())) {
          if (result < 0) continue
          const asked = routes[result]!.conditions
          for (const loser of candidates) {
            if (loser === result || found.has(`${result} ${loser}`) || !takesMethod(routes[loser]!, method)) continue
            const asksNoMore = routes[loser]!.conditions.every((condition) => asked.some((own) => own.kind === condition.kind && own.name === condition.name && sameTest(own.test, condition.test)))
            if (asksNoMore) found.set(`${result} ${loser}`, { winner: result, loser, witness: this.#witness(cell, method, values) })
          }
        }
      }
    }
    return [...found.values()]
  }

  * classes (): ReturnType<Analysis['classes']> {
    const { groups, listeners } = this.#construction
    for (const cell of this.#reachable()) {
      const columns = this.#columns(cell.row)
      for (const { method, target } of columns.filter((column, i) => columns.findIndex((other) => other.target === column.target) === i)) {
        let listed = 0
        for (const { result, values, steps } of this.#leaves(target, undefined)) {
          for (const place of groups[cell.group]!.places) {
            yield { listener: place.listener, winner: result, witness: this.#witness(cell, method, values, place), key: classKey(place.listener, place.host, cell.state, target, steps) }
          }
          if (++listed === combinations) break
        }
      }
    }
    for (let listener = 0; listener < listeners; listener++) {
      if (this.#hosts.takesAny(listener)) continue
      yield { listener, winner: noRoute, witness: { listener, host: this.#hosts.host(listener, ''), method: 'GET', path: '/', headers: {}, query: {}, cookies: {} }, key: noHostKey(listener) }
    }
  }

  classOf (listener: number, host: string, method: string, path: string, fields: Fields): string {
    return (this.#keys ??= new ClassKeys(this.#construction)).of(listener, host, method, path, fields)
  }

  winnerOf (listener: number, host: string, method: string, path: string, fields: Fields): number {
    return (this.#keys ??= new ClassKeys(this.#construction)).winnerOf(listener, host, method, path, fields)
  }

  #reachable (): readonly Cell[] {
    if (this.#cells === undefined) {
      const { groups, states, rows } = this.#construction
      const shortest = new ShortestSegments()
      this.#cells = groups.flatMap((_, group) => reach(states, states.starts[group]!, shortest).map(({ state, path }: Reached) => ({ group, state, row: rows[state]!, path })))
    }
    return this.#cells
  }

  /** A request for each route that wins one. */
  #winning (): ReadonlyMap<number, Witness> {
    if (this.#wins === undefined) {
      const wins = new Map<number, Witness>()
      const done = new Set<number>()
      for (const cell of this.#reachable()) {
        if (done.has(cell.row)) continue
        done.add(cell.row)
        for (const { method, target } of this.#columns(cell.row)) {
          for (const { result, values } of this.#leaves(target, new Set())) {
            if (result >= 0 && !wins.has(result)) wins.set(result, this.#witness(cell, method, values))
          }
        }
      }
      this.#wins = wins
    }
    return this.#wins
  }

  /** The methods that some candidate of the row names, and one that none names; `GET` first, for it reads best. */
  #columns (row: number): { method: string, target: number }[] {
    const { decisions } = this.#construction
    const { methods } = decisions
    const unknown = unnamedMethod(methods)
    const all = [...methods, unknown].map((method, column) => ({ method, target: decisions.rows[row]![column]! }))
      .sort((a, b) => Number(b.method === 'GET') - Number(a.method === 'GET'))
    const named = new Set(decisions.candidates[row]!.flatMap((route) => this.#construction.routes[route]!.methods))
    if (named.has('GET')) named.add('HEAD')
    const unnamed = all.find(({ method }) => !named.has(method))
    return all.filter((column) => named.has(column.method) || column === unnamed)
  }

  /** The outcomes below a target with field values that lead there. With `seen`, each decision is entered once; that reaches every outcome. */
  * #leaves (target: number, seen: Set<number> | undefined, admits: Admits = () => true, values: readonly FieldValue[] = [], steps = ''): Iterable<{ result: number, values: readonly FieldValue[], steps: string }> {
    if (target >= methodNotAllowed) {
      yield { result: target, values, steps }
      return
    }
    if (seen?.has(target) === true) return
    seen?.add(target)
    const { decisions } = this.#construction
    const node = decisions.nodes[nodeTarget(target)]!
    const classifier = decisions.classifiers[node.classifier]!
    for (const [index, value] of this.#valuesOf(node.classifier)) {
      if (admits(classifier, classifier.classes[index]!)) yield * this.#leaves(node.targets[index]!, seen, admits, [...values, value], `${steps} ${index}`)
    }
  }

  #valuesOf (classifier: number): ReadonlyMap<number, FieldValue> {
    return (this.#classValues[classifier] ??= classValues(this.#construction.decisions.classifiers[classifier]!))
  }

  #witness (cell: Cell, method: string, values: readonly FieldValue[], place = this.#construction.groups[cell.group]!.places[0]!): Witness {
    return { listener: place.listener, method, host: this.#hosts.host(place.listener, place.host), path: cell.path, ...witnessFields(values) }
  }
}

type Admits = (classifier: Decisions['classifiers'][number], held: readonly number[]) => boolean

function sameTest (a: FieldCondition['test'], b: FieldCondition['test']): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Equal for routes that match the same requests for the same reasons. */
function matchKey ({ listeners, hosts, methods, path, conditions, priority }: RouteMatch): string {
  const segments = path.segments.map((segment) => ('name' in segment ? { ...segment, name: '' } : segment))
  return JSON.stringify([listeners, hosts.map(printHost).sort(), [...methods].sort(), segments, conditions, priority])
}
