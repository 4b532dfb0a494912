import type { FieldCondition, FieldKind } from '../resolved.ts'
import { testKey, type FieldClassifier, type FieldTest } from './field-classifier.ts'

/** A candidate with the conditions that are still open. */
export interface Pending {
  readonly result: number
  readonly conditions: readonly FieldCondition[]
  /** Equal for equal candidates. */
  readonly key: string
}

export function pendingOf (result: number, conditions: readonly FieldCondition[]): Pending {
  return { result, conditions, key: conditions.length === 0 ? String(result) : JSON.stringify([result, conditions]) }
}

/** What remains of the candidates, in their order, by class of the field's value. */
export interface Split {
  /** Index of the classifier. */
  readonly classifier: number
  readonly remaining: readonly (readonly Pending[])[]
}

/** Gives the classifier for tests of one field, sorted by key. */
export interface ClassifierSource {
  readonly classifiers: readonly FieldClassifier[]
  classifier (kind: FieldKind, name: string, keys: readonly string[], tests: readonly FieldTest[]): number
}

/** Decides the conditions of all candidates on one field. */
export function splitByField (pending: readonly Pending[], { kind, name }: FieldCondition, source: ClassifierSource): Split {
  const conditions = pending.map((candidate) => candidate.conditions.find((condition) => condition.kind === kind && condition.name === name))
  const byKey = new Map(conditions.flatMap((condition) => (condition === undefined ? [] : [[testKey(condition.test), condition.test] as const])))
  const keys = [...byKey.keys()].sort()
  const classifier = source.classifier(kind, name, keys, keys.map((key) => byKey.get(key)!))

  // Positions in `pending`: of those that do not look at this field, and of those that do, by test.
  const free: number[] = []
  const byTest: number[][] = keys.map(() => [])
  const testIndex = new Map(keys.map((key, i) => [key, i]))
  const rest = pending.map((candidate, i) => {
    const condition = conditions[i]
    if (condition === undefined) {
      free.push(i)
      return candidate
    }
    byTest[testIndex.get(testKey(condition.test))!]!.push(i)
    return pendingOf(candidate.result, candidate.conditions.filter((other) => other !== condition))
  })
  const remaining = source.classifiers[classifier]!.classes.map((held) =>
    [...free, ...held.flatMap((test) => byTest[test]!)].sort((a, b) => a - b).map((position) => rest[position]!))
  return { classifier, remaining }
}
