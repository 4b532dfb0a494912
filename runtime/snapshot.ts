import type { BundleListener, BundleRoute, BundleTcpListener, BundleUpstream, Revision } from '../schema/bundle.ts'
import type { HostPattern } from '../schema/host.ts'
import type { Matcher } from '../schema/automaton/match.ts'
import type { Clock } from '../schema/policy.ts'
import type { Affinity } from './balance/affinity.ts'
import type { Balancer } from './balance/balancer.ts'
import type { Chain } from './chain.ts'
import type { Breaker } from './forward/breaker.ts'
import type { Load } from './forward/load.ts'
import type { Outcome } from './health/outcome.ts'
import type { TlsFront } from './tls/tls-front.ts'
import type { Endpoint } from './upstream/endpoint.ts'
import type { Timeouts } from './upstream/timeouts.ts'

/** A bundle made live: immutable, replaced whole. A request takes the active one once and holds it until it ends. */
export interface Snapshot {
  readonly digest: string
  readonly revision: Revision | null
  readonly name: string
  readonly matcher: Matcher
  /** By the index that the matcher takes. */
  readonly listeners: readonly LiveListener[]
  readonly tcpListeners: readonly LiveTcpListener[]
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
  /** Undefined: clear text. */
  readonly tls: TlsFront | undefined
}

/** A listener whose connections are passed on as they are. */
export interface LiveTcpListener {
  readonly options: BundleTcpListener
  readonly to: LiveUpstream | undefined
  readonly sni: readonly { readonly hosts: readonly HostPattern[], readonly upstream: LiveUpstream }[]
}

export interface LiveRoute {
  readonly options: BundleRoute
  readonly upstream: LiveUpstream
  /** Listener's policies excluded. */
  readonly chain: Chain
}

/** Options of one snapshot over state that outlives it. */
export interface LiveUpstream {
  readonly options: BundleUpstream
  readonly balancer: Balancer
  readonly affinity: Affinity | undefined
  readonly breaker: Breaker | undefined
  readonly load: Load
  /** Request bodies may have to be sent again. */
  readonly keepsBodies: boolean
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly timeouts: Timeouts
  /** Tells passive health how a try went. */
  observe (endpoint: Endpoint, outcome: Outcome): void
}
