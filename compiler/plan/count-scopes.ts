import type { AnyPolicy } from '../../schema/policy.ts'
import type { Difference } from './difference.ts'
import type { ListenerPair } from './listener-pairs.ts'
import type { Outcomes } from './outcomes.ts'

/**
 * Which requests are counted together. Two limiters with equal options are not one: where a count of the base is several in the head, each client
 * gets more, and the other way round. Ids do not matter, only whose counts are the same.
 */
export class CountScopes {
  readonly #outcomes: { readonly before: Outcomes, readonly after: Outcomes }
  readonly #counts: (name: string) => boolean
  /** Pairs of counts that stand in one another's place, by listener and results. */
  readonly #pairs = new Map<string, readonly (readonly [name: string, before: string, after: string])[]>()
  readonly #heirs = new Map<string, Set<string>>()
  readonly #origins = new Map<string, Set<string>>()

  constructor (outcomes: { readonly before: Outcomes, readonly after: Outcomes }, registry: ReadonlyMap<string, AnyPolicy>) {
    this.#outcomes = outcomes
    this.#counts = (name) => registry.get(name)?.ledger !== undefined
  }

  /** Takes in how one kind of request is counted on both sides. */
  note (pair: ListenerPair, was: number, is: number): void {
    const key = keyOf(pair, was, is)
    if (this.#pairs.has(key)) return
    const old = this.#instances('before', pair.before, was)
    const now = this.#instances('after', pair.after, is)
    const pairs: (readonly [string, string, string])[] = []
    for (const [name, ids] of old) {
      for (const [at, id] of ids.entries()) {
        const other = now.get(name)?.[at]
        if (other === undefined) continue
        pairs.push([name, id, other])
        add(this.#heirs, id, other)
        add(this.#origins, other, id)
      }
    }
    this.#pairs.set(key, pairs)
  }

  /** After all was noted: how the counts of these requests came together or apart. */
  differences (pair: ListenerPair, was: number, is: number): readonly Difference[] {
    return (this.#pairs.get(keyOf(pair, was, is)) ?? []).flatMap(([name, before, after]): Difference[] => {
      const split = this.#heirs.get(before)!.size > 1
      const merged = this.#origins.get(after)!.size > 1
      if (!split && !merged) return []
      const facet = `${name} count`
      if (split && merged) return [{ facet, before: 'with some requests', after: 'with others', order: 'different', code: 'W16' }]
      return split
        ? [{ facet, before: 'one with other requests', after: 'apart from them', order: 'weaker', code: 'W05' }]
        : [{ facet, before: 'apart from other requests', after: 'one with them', order: 'stronger', code: 'B04' }]
    })
  }

  #instances (side: 'before' | 'after', listener: number, result: number): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>()
    for (const { id, name, mode } of this.#outcomes[side].of(listener, result).policies) {
      if (mode !== 'enforce' || !this.#counts(name)) continue
      const ids = found.get(name)
      if (ids === undefined) found.set(name, [id])
      else ids.push(id)
    }
    return found
  }
}

function keyOf ({ before, after }: ListenerPair, was: number, is: number): string {
  return `${before} ${after} ${was} ${is}`
}

function add (map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([value]))
  else set.add(value)
}
