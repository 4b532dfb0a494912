import { methodNotAllowed, noRoute, unnamedMethod, type Decisions } from '../../schema/automaton/decisions.ts'
import { classValues, type FieldValue } from '../../schema/automaton/field-witness.ts'
import { pendingOf, splitByField, type Pending } from '../../schema/automaton/pending.ts'
import { takesMethod } from '../../schema/precedence.ts'
import type { RouteMatch } from '../../schema/resolved.ts'

/** Requests to one path that both gateways treat alike throughout: what each answers, and one of them. */
export interface RowClass {
  readonly method: string
  /** A route (an index into all of both gateways), or `noRoute`, or `methodNotAllowed`. */
  readonly before: number
  readonly after: number
  readonly values: readonly FieldValue[]
}

/** Combinations of field values that are told apart at one path and method. */
const most = 4096

/** Sorts the requests to one path by method and fields. Routes of both gateways are in one list; those from `boundary` on are of the second. */
export class RowClasses {
  /** The method that stands for all that no route names. */
  readonly unnamed: string
  readonly #routes: readonly RouteMatch[]
  readonly #decisions: Decisions
  readonly #boundary: number
  /** As `methodNotAllowed`, of the second gateway. */
  readonly #refusedAfter: number
  readonly #values: (ReadonlyMap<number, FieldValue> | undefined)[] = []
  readonly #known = new Map<string, readonly RowClass[] | undefined>()

  constructor (routes: readonly RouteMatch[], decisions: Decisions, boundary: number) {
    this.#routes = routes
    this.#decisions = decisions
    this.#boundary = boundary
    this.#refusedAfter = routes.length
    this.unnamed = unnamedMethod(decisions.methods)
  }

  /** Undefined: fields combine in more ways than are told apart. */
  of (candidates: readonly number[]): readonly RowClass[] | undefined {
    const key = candidates.join()
    if (!this.#known.has(key)) this.#known.set(key, this.#compute(candidates))
    return this.#known.get(key)
  }

  #compute (candidates: readonly number[]): readonly RowClass[] | undefined {
    const named = new Set(candidates.flatMap((route) => this.#routes[route]!.methods))
    if (named.has('GET')) named.add('HEAD')
    const found: RowClass[] = []
    for (const method of [...named].sort(getFirst).concat(this.unnamed)) {
      const seen = new Set<string>()
      const before = this.#pending(candidates.filter((route) => route < this.#boundary), method, methodNotAllowed)
      const after = this.#pending(candidates.filter((route) => route >= this.#boundary), method, this.#refusedAfter)
      this.#split(before, after, [], seen, (leaf) => found.push({ method, ...leaf }))
      if (seen.size > most) return undefined
    }
    return found
  }

  /** Who takes a request with this method, in order; then those for which only the method is wrong, as `refused`. */
  #pending (candidates: readonly number[], method: string, refused: number): readonly Pending[] {
    const others = candidates.filter((route) => !takesMethod(this.#routes[route]!, method)).map((route) => pendingOf(refused, this.#routes[route]!.conditions))
    return cut([...this.#decisions.order(candidates, method), ...others])
  }

  #split (before: readonly Pending[], after: readonly Pending[], values: readonly FieldValue[], seen: Set<string>, leaf: (leaf: Omit<RowClass, 'method'>) => void): void {
    const key = `${before.map(({ key }) => key).join()} | ${after.map(({ key }) => key).join()}`
    if (seen.has(key) || seen.size > most) return
    seen.add(key)
    const open = [...before, ...after].find(({ conditions }) => conditions.length > 0)
    if (open === undefined) {
      const { result } = after[0] ?? { result: noRoute }
      return leaf({ before: before[0]?.result ?? noRoute, after: result === this.#refusedAfter ? methodNotAllowed : result, values })
    }
    const { classifier, remaining } = splitByField([...before, ...after], open.conditions[0]!, this.#decisions)
    for (const [index, value] of this.#valuesOf(classifier)) {
      const left = remaining[index]!
      this.#split(cut(left.filter(({ result }) => result < this.#boundary)), cut(left.filter(({ result }) => result >= this.#boundary)), [...values, value], seen, leaf)
    }
  }

  #valuesOf (classifier: number): ReadonlyMap<number, FieldValue> {
    return (this.#values[classifier] ??= classValues(this.#decisions.classifiers[classifier]!))
  }
}

/** What comes after one that takes everything is never asked. */
function cut (pending: readonly Pending[]): readonly Pending[] {
  const sure = pending.findIndex(({ conditions }) => conditions.length === 0)
  return sure < 0 ? pending : pending.slice(0, sure + 1)
}

function getFirst (a: string, b: string): number {
  return Number(b === 'GET') - Number(a === 'GET') || (a < b ? -1 : 1)
}
