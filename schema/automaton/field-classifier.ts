import { invariant } from '../invariant.ts'
import { determinise, isTooLarge, runDfa, type Dfa } from '../regex/dfa.ts'
import type { Expression } from '../regex/expression.ts'
import { isRegexError, parseRegex } from '../regex/parse.ts'
import type { FieldCondition, FieldKind } from '../resolved.ts'

export type FieldTest = FieldCondition['test']

/** Sorts the values of one field into classes that no test tells apart. */
export interface FieldClassifier {
  readonly kind: FieldKind
  readonly name: string
  readonly tests: readonly FieldTest[]
  /** The indices of the tests that hold, by class; class 0 is the absent field. */
  readonly classes: readonly (readonly number[])[]
  /** Values that have a test of their own, with their classes side by side. */
  readonly values: readonly string[]
  readonly valueClasses: readonly number[]
  /** For all other values: by accept class of the automaton of the regular expressions, or one class when there are none. */
  readonly dfa: Dfa | undefined
  readonly otherClasses: readonly number[]
}

export function testKey (test: FieldTest): string {
  return test.op === 'equals' ? `= ${test.value}` : test.op === 'regex' ? `~ ${test.source}` : test.op
}

/** The classifier for these tests, all different; undefined when the regular expressions are too large together. */
export function classifyField (kind: FieldKind, name: string, tests: readonly FieldTest[]): FieldClassifier | undefined {
  const classes: (readonly number[])[] = []
  const index = new Map<string, number>()
  const classOf = (held: readonly number[]): number => {
    const key = held.join()
    let found = index.get(key)
    if (found === undefined) {
      found = classes.push(held) - 1
      index.set(key, found)
    }
    return found
  }
  const indicesOf = (op: FieldTest['op']): readonly number[] => tests.flatMap((test, i) => (test.op === op ? [i] : []))

  const regexTests = indicesOf('regex')
  const dfa = regexTests.length === 0 ? undefined : determinise(regexTests.map((i) => expressionOf(tests[i]!)))
  if (dfa !== undefined && isTooLarge(dfa)) return undefined

  // Only the absent field holds `absent`; it has class 0 also where nothing tests for it.
  classes.push(indicesOf('absent'))
  const present = indicesOf('present')
  const withRegexes = (labels: readonly number[]): readonly number[] => [...present, ...labels.map((label) => regexTests[label]!)]
  const accepted = (value: string): readonly number[] => (dfa === undefined ? [] : dfa.accepts[runDfa(dfa, value)]!)
  const equals = indicesOf('equals')
  const values = equals.map((i) => (tests[i] as FieldTest & { op: 'equals' }).value)
  const valueClasses = values.map((value, i) => classOf([...withRegexes(accepted(value)), equals[i]!]))
  const otherClasses = (dfa?.accepts ?? [[]]).map((labels) => classOf(withRegexes(labels)))
  return { kind, name, tests, classes, values, valueClasses, dfa, otherClasses }
}

function expressionOf (test: FieldTest): Expression {
  invariant(test.op === 'regex', 'only regular expressions become automata')
  const expression = parseRegex(test.source)
  invariant(!isRegexError(expression), `the condition ${test.source} was validated`)
  return expression
}
