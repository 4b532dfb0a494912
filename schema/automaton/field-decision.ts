import type { Fields } from '../exchange.ts'
import type { Automaton } from './automaton.ts'
import { dfaHeader } from './dfa-tables.ts'
import { nodeTarget } from './decisions.ts'

type ReadField = (fields: Fields) => string | undefined

/** Follows the decisions on headers, query and cookies; asks only for the fields that they look at. */
export class FieldDecision {
  readonly #automaton: Automaton
  readonly #readers: readonly ReadField[]
  /** By offset of the classifier: class of each value that has one of its own. */
  readonly #values = new Map<number, Map<string, number>>()

  constructor (automaton: Automaton) {
    this.#automaton = automaton
    this.#readers = automaton.fields.map(readerOf)
  }

  /** The outcome of a target: a route, -1 or -2. */
  decide (target: number, fields: Fields): number {
    const { decisions, classifiers } = this.#automaton
    let at = target
    while (at < -2) {
      const node = nodeTarget(at)
      const classifier = decisions[node]!
      const value = this.#readers[classifiers[classifier]!]!(fields)
      at = decisions[node + 1 + (value === undefined ? 0 : this.#classOf(classifier, value))]!
    }
    return at
  }

  #classOf (classifier: number, value: string): number {
    const { classifiers } = this.#automaton
    const own = (this.#values.get(classifier) ?? this.#index(classifier)).get(value)
    if (own !== undefined) return own
    const dfa = classifiers[classifier + 3]!
    return classifiers[classifier + 4 + classifiers[classifier + 2]! + (dfa < 0 ? 0 : this.#accept(dfa, value))]!
  }

  #index (classifier: number): Map<string, number> {
    const { classifiers, values } = this.#automaton
    const index = new Map<string, number>()
    const first = classifiers[classifier + 1]!
    for (let i = 0; i < classifiers[classifier + 2]!; i++) index.set(values[first + i]!, classifiers[classifier + 4 + i]!)
    this.#values.set(classifier, index)
    return index
  }

  #accept (dfa: number, text: string): number {
    const { dfas, classMaps, wideMaps } = this.#automaton
    const map = dfas[dfa]!
    const wide = dfas[dfa + 1]!
    let state = dfa + dfaHeader
    for (let i = 0; i < text.length; i++) {
      const char = text.codePointAt(i)!
      if (char > 0xffff) i++
      let column = 0
      if (char < 256) column = classMaps[map + char]!
      else for (let w = wide; w < wide + dfas[dfa + 2]!; w += 3) if (char <= wideMaps[w + 1]!) { column = wideMaps[w + 2]!; break }
      state = dfas[state + 1 + column]!
    }
    return dfas[state]!
  }
}

function readerOf (field: string): ReadField {
  const space = field.indexOf(' ')
  const name = field.slice(space + 1)
  switch (field.slice(0, space)) {
    case 'header': return (fields) => fields.header(name)
    case 'query': return (fields) => fields.query(name)
    default: return (fields) => fields.cookie(name)
  }
}
