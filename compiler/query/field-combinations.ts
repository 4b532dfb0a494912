import type { FieldCondition } from '../../schema/resolved.ts'
import type { FieldTest } from './expression.ts'
import { QueryError } from './parse.ts'

/** Conditions on fields, one a field, and the priority that lets the one go first that says most of a request. */
export interface FieldCombination {
  readonly conditions: readonly FieldCondition[]
  readonly priority: number
}

const most = 64

/**
 * All ways in which what is asked of fields can hold together: each field has one of the values, or another one, or is not there. For every
 * request the combination with the most conditions, and among those with the most values, is the one that says all that holds. Throws
 * `QueryError` when there are too many.
 */
export function fieldCombinations (tests: readonly FieldTest[]): readonly FieldCombination[] {
  const asked = new Map<string, FieldCondition[]>()
  for (const { of, name, value } of tests) {
    const key = `${of} ${name}`
    const conditions = asked.get(key) ?? asked.set(key, [{ kind: of, name, test: { op: 'present' } }]).get(key)!
    if (value !== undefined && !conditions.some(({ test }) => test.op === 'equals' && test.value === value)) conditions.push({ kind: of, name, test: { op: 'equals', value } })
  }
  let all: readonly FieldCombination[] = [{ conditions: [], priority: 0 }]
  for (const key of [...asked.keys()].sort(byKind)) {
    all = all.flatMap((known) => [known, ...asked.get(key)!.map((condition) => ({ conditions: [...known.conditions, condition], priority: known.priority + Number(condition.test.op === 'equals') }))])
    if (all.length > most) throw new QueryError('these are too many values of fields for one query', tests.at(-1)!.at)
  }
  return all
}

/** As conditions of a route are sorted: `header`, `query`, `cookie`, then by name. */
function byKind (a: string, b: string): number {
  const kinds = ['header', 'query', 'cookie']
  const rank = (key: string): number => kinds.indexOf(key.slice(0, key.indexOf(' ')))
  return rank(a) - rank(b) || (a < b ? -1 : 1)
}

/** Whether a test holds where these conditions are all that is so. */
export function fieldHolds ({ of, name, operator, value }: FieldTest, conditions: readonly FieldCondition[]): boolean {
  const condition = conditions.find((one) => one.kind === of && one.name === name)
  const holds = condition !== undefined && (value === undefined || (condition.test.op === 'equals' && condition.test.value === value))
  return operator === '!=' ? !holds : holds
}
