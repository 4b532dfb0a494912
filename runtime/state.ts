import type { Clock } from '../schema/policy.ts'

/** What outlives a snapshot, by stable id: counts of limiters, counters, pools, turns of balancers. One per process. */
export interface State {
  /** A snapshot's hold on the entries that it uses. */
  lease (): Lease
  /** Drops what nobody has used for the grace period. Leases that end do this too. */
  sweep (): void
  /** Drops everything, at the end of the process. */
  close (): void
  /** Entries held, used or not. */
  readonly size: number
}

export interface Lease {
  /**
   * The entry of this key, made now if there is none. It stays as it is until the last lease that took it has ended, and for the grace period
   * after that. A lease that has ended holds nothing any more: what it makes then is its own.
   */
  take<T> (key: string, create: () => T, discard?: (value: T) => void): T
  /** Takes the entry of this key if there is one. */
  find<T> (key: string): T | undefined
  /** Lets go of everything taken. */
  end (): void
}

export interface StateOptions {
  readonly clock: Clock
  /** How long an entry waits for a bundle that names it again, in milliseconds. Default 5 minutes: a limit must not be reset by a mistaken push and its revert. */
  readonly graceMs?: number
  /** Most entries that wait; beyond it those that wait longest are dropped, so that memory is flat however often ids change. Default 1,024. */
  readonly spare?: number
}

interface Entry {
  readonly value: unknown
  readonly discard: ((value: never) => void) | undefined
  leases: number
}

export function createState ({ clock, graceMs = 300_000, spare = 1_024 }: StateOptions): State {
  const entries = new Map<string, Entry>()
  /** Unused entries, those that wait longest first, with the time since when. */
  const waiting = new Map<string, number>()

  function drop (key: string): void {
    const entry = entries.get(key)
    entries.delete(key)
    waiting.delete(key)
    entry?.discard?.(entry.value as never)
  }

  function sweep (): void {
    const due = clock.now() - graceMs
    for (const [key, since] of waiting) {
      if (since > due && waiting.size <= spare) break
      drop(key)
    }
  }

  function lease (): Lease {
    const taken = new Set<string>()
    let ended = false

    function hold<T> (key: string, entry: Entry): T {
      if (!ended && !taken.has(key)) {
        taken.add(key)
        entry.leases++
        waiting.delete(key)
      }
      return entry.value as T
    }

    return {
      take<T> (key: string, create: () => T, discard?: (value: T) => void): T {
        let entry = entries.get(key)
        if (entry === undefined) {
          if (ended) return create()
          entries.set(key, entry = { value: create(), discard, leases: 0 })
        }
        return hold(key, entry)
      },
      find<T> (key: string): T | undefined {
        const entry = entries.get(key)
        return entry === undefined ? undefined : hold<T>(key, entry)
      },
      end () {
        ended = true
        for (const key of taken) {
          const entry = entries.get(key)
          if (entry === undefined || --entry.leases > 0) continue
          waiting.set(key, clock.now())
        }
        taken.clear()
        sweep()
      }
    }
  }

  return {
    lease,
    sweep,
    close () { for (const key of [...entries.keys()]) drop(key) },
    get size () { return entries.size }
  }
}
