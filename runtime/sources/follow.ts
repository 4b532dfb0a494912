import type { Outcome } from '../candidate.ts'
import type { Control } from '../control.ts'
import type { RuntimeEvent } from '../events.ts'
import type { Source } from './source.ts'

/** A source that is being looked at. */
export interface Following {
  /** A hint that there may be something new. Hints that come while a look is under way become one further look. */
  poke (): void
  /** Looks now, also at what was refused before, and resolves when what it found is served or refused. */
  look (): Promise<LookResult>
  /** When and how the last look ended. */
  readonly last: { readonly at: number, readonly result: LookResult } | undefined
  /** Resolves when the look that is under way, if any, has ended. */
  close (): Promise<void>
}

export type LookResult = Outcome | { readonly kind: 'away', readonly reason: string } | { readonly kind: 'same' }

export interface FollowOptions {
  readonly source: Source
  readonly control: Control
  /** In [0, 1). */
  readonly random: () => number
  readonly wall: () => number
  readonly event: (event: RuntimeEvent) => void
}

/** First wait after a fault, and the longest: it doubles in between. Milliseconds. */
const backoff = { first: 1_000, longest: 300_000 }

/** Looks at a source at start, when it says that something changed, when its poll time is over, and when asked. */
export function follow ({ source, control, random, wall, event }: FollowOptions): Following {
  const stop = new AbortController()
  let running: Promise<LookResult> | undefined
  let again = false
  let faults = 0
  let timer: NodeJS.Timeout | undefined
  let last: Following['last']
  const unwatch = source.watch?.(poke)

  function poke (): void {
    if (stop.signal.aborted) return
    if (running === undefined) void run(false)
    else again = true
  }

  function run (force: boolean): Promise<LookResult> {
    clearTimeout(timer)
    again = false
    running = lookOnce(force).catch(bug).then((result) => {
      running = undefined
      last = { at: wall(), result }
      faults = result.kind === 'away' ? faults + 1 : 0
      if (again) poke()
      else schedule(result)
      return result
    })
    return running
  }

  async function lookOnce (force: boolean): Promise<LookResult> {
    const found = await source.look({ active: control.active?.provenance, force, signal: stop.signal })
    if (found.kind === 'rejected') {
      control.reject(found.rejection, found.revision)
      return { kind: 'rejected', rejection: found.rejection }
    }
    if (found.kind !== 'candidate') return found
    const outcome = await control.load(found.candidate)
    source.settled?.(outcome)
    return outcome
  }

  /** Told like a fault of the source, so that it is tried again and people see it. */
  function bug (error: unknown): LookResult {
    return { kind: 'away', reason: `gwc bug: ${(error as Error).stack ?? String(error)}` }
  }

  function schedule (result: LookResult): void {
    if (stop.signal.aborted) return
    const wait = result.kind === 'away' ? retryAfter(faults) : source.poll
    if (wait === null) return
    // 20 % either way, so that many runtimes do not ask at the same time.
    const ms = wait * (0.8 + 0.4 * random())
    if (result.kind === 'away') event({ kind: 'away', from: source.from, reason: result.reason, retryMs: ms })
    timer = setTimeout(poke, ms)
  }

  function retryAfter (count: number): number {
    const longest = source.poll === null ? backoff.longest : Math.max(source.poll, backoff.longest)
    return Math.min(backoff.first * 2 ** (count - 1), longest)
  }

  return {
    poke,
    look: async () => {
      while (running !== undefined) await running
      return run(true)
    },
    get last () { return last },
    async close () {
      stop.abort()
      clearTimeout(timer)
      unwatch?.()
      await running
    }
  }
}
