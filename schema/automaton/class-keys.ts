import type { Fields } from '../exchange.ts'
import { runDfa } from '../regex/dfa.ts'
import type { Construction } from './analysis.ts'
import { noRoute, nodeTarget } from './decisions.ts'
import type { FieldClassifier } from './field-classifier.ts'

/** Names a class of requests: where its host and path lead, what its method is decided by, and the class of each field that is looked at. */
export function classKey (listener: number, host: string, state: number, target: number, steps: string): string {
  return `${listener} ${host} ${state} ${target}${steps}`
}

/** All requests to hosts that a listener has no routes for. */
export function noHostKey (listener: number): string {
  return `${listener} none`
}

/** Finds the class of a request, by the construction that `classes` lists them from. */
export class ClassKeys {
  readonly #construction: Construction
  /** Group by listener and printed host pattern. */
  readonly #groups = new Map<string, number>()

  constructor (construction: Construction) {
    this.#construction = construction
    for (const [index, { places }] of construction.groups.entries()) for (const { listener, host } of places) this.#groups.set(`${listener} ${host}`, index)
  }

  of (listener: number, host: string, method: string, path: string, fields: Fields): string { return this.#decide(listener, host, method, path, fields).key }

  /** As the matcher answers: a route, `noRoute` or `methodNotAllowed`. */
  winnerOf (listener: number, host: string, method: string, path: string, fields: Fields): number { return this.#decide(listener, host, method, path, fields).winner }

  #decide (listener: number, host: string, method: string, path: string, fields: Fields): { readonly key: string, readonly winner: number } {
    const pattern = this.#pattern(listener, host)
    if (pattern === undefined) return { key: noHostKey(listener), winner: noRoute }
    const { states, decisions, rows } = this.#construction
    let state = states.starts[this.#groups.get(`${listener} ${pattern}`)!]!
    for (const segment of path.split('/').slice(1)) state = this.#next(state, segment)
    const column = decisions.methods.indexOf(method)
    const start = decisions.rows[rows[state]!]![column < 0 ? decisions.methods.length : column]!
    let steps = ''
    let target = start
    while (target < -2) {
      const node = decisions.nodes[nodeTarget(target)]!
      const index = fieldClass(decisions.classifiers[node.classifier]!, fields)
      steps += ` ${index}`
      target = node.targets[index]!
    }
    return { key: classKey(listener, pattern, state, start, steps), winner: target }
  }

  #next (state: number, segment: string): number {
    const { texts, targets, empty, classifier, others } = this.#construction.states.edges[state]!
    if (segment === '') return empty
    const literal = texts.indexOf(segment)
    if (literal >= 0) return targets[literal]!
    return others[classifier === undefined ? 0 : runDfa(classifier.dfa, segment)]!
  }

  /** The name itself, else the longest wildcard above it, else any host. */
  #pattern (listener: number, host: string): string | undefined {
    const labels = host.split('.')
    // Something must stand in front of a wildcard's name.
    const wildcards = labels.slice(1).flatMap((_, i) => labels.slice(0, i + 1).join('.') === '' ? [] : [`*.${labels.slice(i + 1).join('.')}`])
    return [host, ...wildcards, ''].find((pattern) => this.#groups.has(`${listener} ${pattern}`))
  }
}

function fieldClass ({ kind, name, values, valueClasses, dfa, otherClasses }: FieldClassifier, fields: Fields): number {
  const value = fields[kind](name)
  if (value === undefined) return 0
  const own = values.indexOf(value)
  return own >= 0 ? valueClasses[own]! : otherClasses[dfa === undefined ? 0 : runDfa(dfa, value)]!
}
