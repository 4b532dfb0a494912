import { determinise, isTooLarge, runDfa } from '../regex/dfa.ts'
import { isRegexError, parseRegex } from '../regex/parse.ts'
import { shortestText, type Goal } from '../regex/shortest.ts'
import { invariant } from '../invariant.ts'
import type { FieldCondition } from '../resolved.ts'
import type { FieldClassifier } from './field-classifier.ts'
import { fieldValues } from './witness-language.ts'

/** A field of a witness; undefined where it must be absent. */
export type FieldValue = { readonly kind: FieldCondition['kind'], readonly name: string, readonly value: string | undefined }

/** A value for each class of a classifier; classes that no request has are missing. Class 0 is the absent field. */
export function classValues (classifier: FieldClassifier): ReadonlyMap<number, FieldValue> {
  const { kind, name, dfa, values, valueClasses, otherClasses } = classifier
  const possible = fieldValues(kind)
  const found = new Map<number, FieldValue>([[0, { kind, name, value: undefined }]])
  for (const [i, value] of values.entries()) {
    if (!found.has(valueClasses[i]!) && possible.accepts(runDfa(possible.dfa, value))) found.set(valueClasses[i]!, { kind, name, value })
  }
  for (const [accepted, index] of otherClasses.entries()) {
    if (found.has(index)) continue
    const goals: Goal[] = dfa === undefined ? [possible] : [{ dfa, accepts: (acceptClass) => acceptClass === accepted }, possible]
    const value = shortestText(goals, values)
    if (value !== undefined) found.set(index, { kind, name, value })
  }
  return found
}

/** A value that meets one condition alone; undefined when none does. */
export function conditionValue ({ kind, name, test }: FieldCondition): FieldValue | undefined {
  const possible = fieldValues(kind)
  switch (test.op) {
    case 'absent': return { kind, name, value: undefined }
    case 'present': return { kind, name, value: 'x' }
    case 'equals': return possible.accepts(runDfa(possible.dfa, test.value)) ? { kind, name, value: test.value } : undefined
    case 'regex': {
      const expression = parseRegex(test.source)
      invariant(!isRegexError(expression), `the condition ${test.source} was validated`)
      const dfa = determinise([expression])
      invariant(!isTooLarge(dfa), 'an expression that was built before is not too large')
      const value = shortestText([{ dfa, accepts: (acceptClass) => acceptClass !== 0 }, possible], [])
      return value === undefined ? undefined : { kind, name, value }
    }
  }
}

