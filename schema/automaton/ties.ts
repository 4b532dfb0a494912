import { compareForMethod } from '../precedence.ts'
import type { RouteMatch } from '../resolved.ts'
import type { FieldValue } from './field-witness.ts'
import { splitByField, type ClassifierSource, type Pending } from './pending.ts'

/** Two routes of equal precedence, the smaller index first, and the fields of a request that both match. */
export interface Tie { readonly pair: readonly [number, number], readonly values: readonly FieldValue[] }

interface Order extends ClassifierSource {
  order (candidates: readonly number[], method: string): readonly Pending[]
}

type ValuesOf = (classifier: number) => ReadonlyMap<number, FieldValue>

/** The ties among the candidates that end in one state, for one method, that no better candidate settles. */
export function findTies (source: Order, routes: readonly RouteMatch[], candidates: readonly number[], method: string, valuesOf: ValuesOf): readonly Tie[] {
  const equal = (a: Pending, b: Pending): boolean => compareForMethod(routes[a.result]!, routes[b.result]!, method) === 0
  const ties: Tie[] = []
  const seen = new Set<string>()

  const visit = (all: readonly Pending[], values: readonly FieldValue[]): void => {
    const pending = cutOff(all, equal)
    if (pending.length === 0) return
    const key = pending.map((candidate) => candidate.key).join()
    if (seen.has(key)) return
    seen.add(key)
    const sure = pending[0]!.conditions.length === 0
    if (sure) {
      const group = pending.filter((candidate) => equal(pending[0]!, candidate))
      for (const [i, a] of group.entries()) {
        for (const b of group.slice(i + 1)) {
          const further = jointValues([a, b], source, valuesOf)
          if (further !== undefined) ties.push({ pair: [Math.min(a.result, b.result), Math.max(a.result, b.result)], values: [...values, ...further] })
        }
      }
      return
    }
    const { classifier, remaining } = splitByField(pending, pending[0]!.conditions[0]!, source)
    for (const [index, value] of valuesOf(classifier)) visit(remaining[index]!, [...values, value])
  }

  visit(source.order(candidates, method), [])
  return ties
}

/** What is left after the last pair of equals, or nothing when there is none: no tie can come of it. */
function cutOff (pending: readonly Pending[], equal: (a: Pending, b: Pending) => boolean): readonly Pending[] {
  let last = -1
  const sure = pending.findIndex(({ conditions }) => conditions.length === 0)
  for (let i = 1; i < pending.length; i++) {
    // Behind a candidate that takes everything only its equals count.
    if (sure >= 0 && i > sure && !equal(pending[sure]!, pending[i]!)) break
    if (equal(pending[i - 1]!, pending[i]!)) last = i
  }
  return pending.slice(0, last + 1)
}

/** Values that meet all open conditions of both, or undefined. */
function jointValues (both: readonly Pending[], source: ClassifierSource, valuesOf: ValuesOf): readonly FieldValue[] | undefined {
  const open = both.find(({ conditions }) => conditions.length > 0)
  if (open === undefined) return []
  const { classifier, remaining } = splitByField(both, open.conditions[0]!, source)
  for (const [index, value] of valuesOf(classifier)) {
    if (remaining[index]!.length < both.length) continue
    const further = jointValues(remaining[index]!, source, valuesOf)
    if (further !== undefined) return [value, ...further]
  }
  return undefined
}
