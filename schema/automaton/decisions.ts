import { invariant } from '../invariant.ts'
import { compareForMethod, takesMethod } from '../precedence.ts'
import type { FieldKind, RouteMatch } from '../resolved.ts'
import { classifyField, type FieldClassifier, type FieldTest } from './field-classifier.ts'
import { Overflow } from './overflow.ts'
import { pendingOf, splitByField, type ClassifierSource, type Pending } from './pending.ts'

/** What a decision comes to: a route, or one of these, or a further node n as `nodeTarget(n)`. */
export const noRoute = -1
export const methodNotAllowed = -2

export function nodeTarget (node: number): number {
  return -3 - node
}

/** The methods that routes name; `GET` takes `HEAD` along. */
export function knownMethods (routes: readonly RouteMatch[]): readonly string[] {
  const methods = new Set<string>()
  for (const route of routes) for (const method of route.methods) methods.add(method)
  if (methods.has('GET')) methods.add('HEAD')
  return [...methods].sort()
}

/** A method that is none of these: it stands for all that no route names. */
export function unnamedMethod (methods: readonly string[]): string {
  return ['PURGE', 'QUERY', 'OTHER'].find((method) => !methods.includes(method)) ?? `X${methods.join('-')}`
}

/** A test of one field: the class of its value picks the target. */
export interface DecisionNode {
  readonly classifier: number
  readonly targets: readonly number[]
}

const limits = { nodes: 100_000, work: 2_000_000, depth: 256 } as const

/** Decides by method and fields among the routes that end in one state; a row has one target per known method and one for all others. */
export class Decisions implements ClassifierSource {
  readonly rows: (readonly number[])[] = []
  /** Candidates by row, ascending. */
  readonly candidates: (readonly number[])[] = []
  readonly nodes: DecisionNode[] = []
  readonly classifiers: FieldClassifier[] = []
  readonly methods: readonly string[]
  readonly #routes: readonly RouteMatch[]
  readonly #rowIndex = new Map<string, number>()
  readonly #pendingIndex = new Map<string, number>()
  readonly #nodeIndex = new Map<string, number>()
  readonly #classifierIndex = new Map<string, number>()
  #work = 0

  constructor (routes: readonly RouteMatch[], methods: readonly string[]) {
    this.#routes = routes
    this.methods = methods
    this.row([])
  }

  /** The row for these candidates (ascending); row 0 has none. */
  row (candidates: readonly number[]): number {
    const key = candidates.join()
    let index = this.#rowIndex.get(key)
    if (index === undefined) {
      index = this.rows.push(this.#row(candidates)) - 1
      this.candidates.push(candidates)
      this.#rowIndex.set(key, index)
    }
    return index
  }

  /** The candidates that take the method, in the order in which they are tried. */
  order (candidates: readonly number[], method: string): readonly Pending[] {
    return candidates.filter((route) => takesMethod(this.#routes[route]!, method))
      .sort((a, b) => compareForMethod(this.#routes[a]!, this.#routes[b]!, method) || a - b)
      .map((route) => pendingOf(route, this.#routes[route]!.conditions))
  }

  classifier (kind: FieldKind, name: string, keys: readonly string[], tests: readonly FieldTest[]): number {
    const key = JSON.stringify([kind, name, keys])
    let index = this.#classifierIndex.get(key)
    if (index === undefined) {
      const classifier = classifyField(kind, name, tests)
      invariant(classifier !== undefined, `the conditions on the ${kind} ${name} were checked together`)
      index = this.classifiers.push(classifier) - 1
      this.#classifierIndex.set(key, index)
    }
    return index
  }

  #row (candidates: readonly number[]): readonly number[] {
    this.#checkFields(candidates)
    const named = new Set(candidates.flatMap((route) => this.#routes[route]!.methods))
    if (named.has('GET')) named.add('HEAD')
    const unnamed = this.#column(candidates, '')
    return [...this.methods.map((method) => (named.has(method) ? this.#column(candidates, method) : unnamed)), unnamed]
  }

  /** All regular expressions on a field that can meet are tried together once, so that any selection of them is known to be small enough. */
  #checkFields (candidates: readonly number[]): void {
    const tests = new Map<string, Map<string, FieldTest>>()
    for (const route of candidates) {
      for (const { kind, name, test } of this.#routes[route]!.conditions) {
        if (test.op !== 'regex') continue
        const field = `${kind} ${name}`
        if (!tests.has(field)) tests.set(field, new Map())
        tests.get(field)!.set(test.source, test)
      }
    }
    for (const [field, all] of tests) {
      // Names do not matter for size.
      if (classifyField('query', field, [...all.values()]) !== undefined) continue
      throw new Overflow(`the conditions of these routes on the ${field} need more than 10,000 states together`,
        candidates.filter((route) => this.#routes[route]!.conditions.some((condition) => `${condition.kind} ${condition.name}` === field)))
    }
  }

  #column (candidates: readonly number[], method: string): number {
    // Nearly all rows are like this; the long way comes to the same.
    const only = candidates.length === 1 ? this.#routes[candidates[0]!]! : undefined
    if (only !== undefined && only.conditions.length === 0) return takesMethod(only, method) ? candidates[0]! : methodNotAllowed
    const others = candidates.filter((route) => !takesMethod(this.#routes[route]!, method)).map((route) => pendingOf(methodNotAllowed, this.#routes[route]!.conditions))
    return this.#decide([...this.order(candidates, method), ...others], 0)
  }

  #decide (all: readonly Pending[], depth: number): number {
    const sure = all.findIndex(({ conditions }) => conditions.length === 0)
    if (sure === 0) return all[0]!.result
    const pending = sure < 0 ? all : all.slice(0, sure + 1)
    if (pending.length === 0) return noRoute
    const key = pending.map((candidate) => candidate.key).join()
    let target = this.#pendingIndex.get(key)
    if (target === undefined) {
      this.#work += pending.length
      if (this.#pendingIndex.size > limits.nodes || this.#work > limits.work || depth > limits.depth) {
        throw new Overflow('the conditions of these routes on headers, query and cookies combine in too many ways', routesOf(all))
      }
      target = this.#test(pending, depth)
      this.#pendingIndex.set(key, target)
    }
    return target
  }

  #test (pending: readonly Pending[], depth: number): number {
    const { classifier, remaining } = splitByField(pending, pending[0]!.conditions[0]!, this)
    const targets = remaining.map((left) => this.#decide(left, depth + 1))
    return targets.every((target) => target === targets[0]) ? targets[0]! : nodeTarget(this.#node({ classifier, targets }))
  }

  #node (node: DecisionNode): number {
    const key = `${node.classifier}:${node.targets.join()}`
    let index = this.#nodeIndex.get(key)
    if (index === undefined) {
      index = this.nodes.push(node) - 1
      this.#nodeIndex.set(key, index)
    }
    return index
  }
}

function routesOf (pending: readonly Pending[]): readonly number[] {
  return [...new Set(pending.map(({ result }) => result))].filter((route) => route >= 0).sort((a, b) => a - b)
}
