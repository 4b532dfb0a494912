import type { Ledger } from '../../schema/policy.ts'
import { Bucket } from './bucket.ts'
import type { LimitQuery, Meter } from './meter.ts'
import { Window } from './window.ts'

/** Counts kept per policy instance: 18 MB with `gcra` (180 bytes each), at most 160 MB with a sliding window of 64 cells each. */
const capacity = 100_000

/** With so few counts forgetting saves nothing. */
const few = 1024

/**
 * The counts of one limit, by key. Memory is bounded: every new key looks at two others and forgets those that are used up;
 * when all are in use the least used of eight makes room, for it loses least.
 */
export function createLedger (size = capacity): Ledger & { readonly size: () => number } {
  const meters = new Map<string, Meter>()
  let hand = meters.entries()

  function next (): readonly [string, Meter] | undefined {
    let step = hand.next()
    if (step.done === true) step = (hand = meters.entries()).next()
    return step.done === true ? undefined : step.value
  }

  function makeRoom (query: LimitQuery, now: number): void {
    if (meters.size < Math.min(few, size)) return
    const looks = meters.size >= size ? 8 : 2
    let victim: string | undefined
    let least = Infinity
    for (let looked = 0; looked < looks; looked++) {
      const entry = next()
      if (entry === undefined) return
      const used = entry[1].used(query, now)
      if (used === 0) meters.delete(entry[0])
      else if (used < least) {
        least = used
        victim = entry[0]
      }
    }
    if (meters.size >= size && victim !== undefined) meters.delete(victim)
  }

  function meterOf (query: LimitQuery, now: number): Meter {
    const known = meters.get(query.key)
    if (known !== undefined && known.sliding === query.sliding) return known
    const used = known?.used(query, now) ?? 0
    if (known === undefined) makeRoom(query, now)
    const meter = query.sliding ? new Window(used, now) : new Bucket(used, now)
    meters.set(known === undefined ? detached(query.key) : query.key, meter)
    return meter
  }

  return {
    decide (question: unknown, now: number): unknown {
      const query = question as LimitQuery
      return meterOf(query, now).take(query, now)
    },
    size: () => meters.size
  }
}

/** A copy: a part of a request's head may hold the whole head in memory. */
function detached (key: string): string {
  return Buffer.from(key).toString()
}
