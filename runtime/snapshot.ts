import type { BundleListener, BundleRoute, BundleUpstream, Revision } from '../schema/bundle.ts'
import type { Matcher } from '../schema/automaton/match.ts'
import type { Chain } from './chain.ts'
import type { Pool } from './upstream/pool.ts'

/** A bundle made live: immutable, replaced whole. A request takes the active one once and holds it until it ends. */
export interface Snapshot {
  readonly digest: string
  readonly revision: Revision | null
  readonly name: string
  readonly matcher: Matcher
  /** By the index that the matcher takes. */
  readonly listeners: readonly LiveListener[]
  /** By the index that the matcher answers with. */
  route (index: number): LiveRoute
  /** Counts an exchange or tunnel in. */
  retain (): void
  /** Counts it out; a drained snapshot disposes itself when the last one has gone. */
  release (): void
}

export interface LiveListener {
  readonly options: BundleListener
  /** Runs for every request, also those that match no route. */
  readonly chain: Chain
}

export interface LiveRoute {
  readonly options: BundleRoute
  readonly upstream: LiveUpstream
  /** Listener's policies excluded. */
  readonly chain: Chain
}

export interface LiveUpstream {
  readonly options: BundleUpstream
  /** The pool of the target that is next in turn, or undefined when every weight is zero. */
  pick (): Pool | undefined
}
