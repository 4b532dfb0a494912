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
   * The entry of this key. It stays as it is until the last lease that holds it has ended, and for the grace period after that. What a
   * lease that has ended asks for is its own.
   */
  hold<T> (key: string, create: () => T, discard?: (value: T) => void): Held<T>
  /** The value of the entry of this key, made now if there is none. */
  take<T> (key: string, create: () => T, discard?: (value: T) => void): T
  /** Lets go of everything. */
  end (): void
}

/** An entry that is held. Its value is made when it is first asked for: of ten thousand limits few are in use. */
export interface Held<T> {
  get (): T
  /** Undefined while nobody has asked. */
  readonly made: T | undefined
}

export interface StateOptions {
  readonly clock: Clock
  /** How long an entry waits for a bundle that names it again, in milliseconds. Default 5 minutes: a limit must not be reset by a mistaken push and its revert. */
  readonly graceMs?: number
  /** Most entries that wait; beyond it those that wait longest are dropped, so that memory is flat however often ids change. Default 1,024. */
  readonly spare?: number
}

export function createState ({ clock, graceMs = 300_000, spare = 1_024 }: StateOptions): State {
  const entries = new Map<string, Entry>()
  /** Entries that no lease holds, those that wait longest first, with the time since when. */
  const waiting = new Map<string, number>()

  function drop (key: string): void {
    const entry = entries.get(key)
    entries.delete(key)
    waiting.delete(key)
    entry?.discard()
  }

  function sweep (): void {
    const due = clock.now() - graceMs
    for (const [key, since] of waiting) {
      if (since > due && waiting.size <= spare) break
      drop(key)
    }
  }

  function lease (): Lease {
    const held = new Set<string>()
    let ended = false

    function hold<T> (key: string, create: () => T, discard?: (value: T) => void): Held<T> {
      const known = entries.get(key)
      const entry = known ?? new Entry(create, discard as ((value: unknown) => void) | undefined)
      if (!ended && !held.has(key)) {
        held.add(key)
        entry.leases++
        entries.set(key, entry)
        waiting.delete(key)
      }
      return entry as Held<T>
    }

    return {
      hold,
      take: (key, create, discard) => hold(key, create, discard).get(),
      end () {
        ended = true
        for (const key of held) {
          const entry = entries.get(key)
          if (entry === undefined || --entry.leases > 0) continue
          if (entry.made === undefined) entries.delete(key)
          else waiting.set(key, clock.now())
        }
        held.clear()
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

class Entry implements Held<unknown> {
  made: unknown
  leases = 0
  readonly #create: () => unknown
  readonly #discard: ((value: unknown) => void) | undefined

  constructor (create: () => unknown, discard: ((value: unknown) => void) | undefined) {
    this.#create = create
    this.#discard = discard
  }

  get (): unknown { return this.made ??= this.#create() }

  discard (): void { if (this.made !== undefined) this.#discard?.(this.made) }
}
