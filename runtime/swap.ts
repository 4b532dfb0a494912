import type { DecodedBundle } from './decode.ts'
import type { Listeners } from './listeners.ts'
import type { LiveSnapshot } from './live-snapshot.ts'
import { isRejection } from './rejection.ts'
import type { Rejection } from './rejection.ts'

/** The one place that decides which snapshot requests take: prepare → publish → drain → dispose. Loads must not overlap. */
export interface Swap {
  /** Undefined until the first publish. */
  readonly active: LiveSnapshot | undefined
  /** Published before, and not yet disposed. */
  readonly draining: number
  prepare (bundle: DecodedBundle): Promise<Prepared | Rejection>
  /** Drains the active snapshot too: nothing is served any more. */
  close (): void
}

/** A snapshot of which nothing can fail any more. Exactly one of its methods is to be called. */
export interface Prepared {
  readonly digest: string
  /** One assignment. */
  publish (): void
  abandon (): Promise<void>
}

export interface SwapOptions {
  readonly prepare: (bundle: DecodedBundle) => Promise<LiveSnapshot | Rejection>
  readonly listeners: Listeners
  /** How long a replaced snapshot waits for its exchanges before it lets go of its tables, in milliseconds. Streams go on after that. */
  readonly drainMs: number
}

export function createSwap ({ prepare, listeners, drainMs }: SwapOptions): Swap {
  let active: LiveSnapshot | undefined
  const draining = new Set<LiveSnapshot>()

  function drain (snapshot: LiveSnapshot): void {
    draining.add(snapshot)
    const deadline = setTimeout(() => { snapshot.dispose() }, drainMs).unref()
    snapshot.drain(() => {
      clearTimeout(deadline)
      draining.delete(snapshot)
    })
  }

  return {
    get active () { return active },
    get draining () { return draining.size },
    async prepare (bundle) {
      const snapshot = await prepare(bundle)
      if (isRejection(snapshot)) return snapshot
      // A socket that is bound now accepts at once: until the publish it serves what it was bound for.
      let pending: LiveSnapshot | undefined = snapshot
      const change = await listeners.prepare([...bundle.listeners, ...bundle.tcpListeners], () => pending ?? active!)
      if (isRejection(change)) {
        snapshot.dispose()
        return change
      }
      return {
        digest: snapshot.digest,
        publish () {
          const previous = active
          active = snapshot
          pending = undefined
          snapshot.publish()
          change.publish()
          if (previous !== undefined) drain(previous)
        },
        async abandon () {
          await change.abandon()
          snapshot.dispose()
        }
      }
    },
    close () {
      if (active !== undefined) drain(active)
    }
  }
}
