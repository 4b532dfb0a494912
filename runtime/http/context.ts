import type { Exchange } from '../../schema/exchange.ts'
import type { LiveListener, Snapshot } from '../snapshot.ts'
import type { Timeouts } from '../upstream/timeouts.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** What the listener is in one snapshot. */
export interface ListenerView {
  readonly snapshot: Snapshot
  /** Index that the matcher takes. */
  readonly index: number
  readonly live: LiveListener
  readonly proxies: TrustedProxies
}

/** What connections and transactions need of their listener. */
export interface ListenerContext {
  readonly name: string
  readonly timeouts: Timeouts
  /** The view of the active snapshot; undefined when this listener is in it no more. */
  view (): ListenerView | undefined
  nextRequestId (): string
  /** Connections end with their exchange. */
  readonly closing: boolean
  ended (exchange: Exchange | undefined, reason: string): void
  bug (error: unknown, where: string): void
}
