import type { Matcher } from '../schema/automaton/match.ts'
import type { BundleRoute, Revision } from '../schema/bundle.ts'
import { invariant } from '../schema/invariant.ts'
import type { PolicyHandler } from '../schema/policy.ts'
import type { Chain } from './chain.ts'
import type { Counters } from './policies.ts'
import type { Slices } from './slices.ts'
import { sliceAt } from './slices.ts'
import type { LiveListener, LiveRoute, LiveTcpListener, LiveUpstream, Snapshot } from './snapshot.ts'
import type { Lease } from './state.ts'

/** What `prepare` has made. */
export interface SnapshotParts {
  readonly digest: string
  readonly semanticDigest: string
  readonly revision: Revision | null
  readonly name: string
  readonly matcher: Matcher
  readonly listeners: readonly LiveListener[]
  readonly tcpListeners: readonly LiveTcpListener[]
  readonly upstreams: readonly LiveUpstream[]
  /** By the index that routes use. */
  readonly chains: (index: number) => Chain
  readonly routes: Slices
  readonly handlers: readonly PolicyHandler[]
  /** Done once, when the snapshot becomes the active one: what must not happen for a bundle that is refused. */
  readonly onPublish: readonly (() => void)[]
  readonly counters: Counters
  readonly lease: Lease
}

/** The only implementation of `Snapshot`: counts its exchanges, and takes itself apart when it is drained. */
export class LiveSnapshot implements Snapshot {
  readonly digest: string
  readonly semanticDigest: string
  readonly revision: Revision | null
  readonly name: string
  readonly listeners: readonly LiveListener[]
  readonly tcpListeners: readonly LiveTcpListener[]
  #parts: SnapshotParts | undefined
  readonly #routes: (LiveRoute | undefined)[]
  #exchanges = 0
  #drained: (() => void) | undefined

  constructor (parts: SnapshotParts) {
    this.digest = parts.digest
    this.semanticDigest = parts.semanticDigest
    this.revision = parts.revision
    this.name = parts.name
    this.listeners = parts.listeners
    this.tcpListeners = parts.tcpListeners
    this.#parts = parts
    this.#routes = new Array<LiveRoute | undefined>(parts.routes.ends.length).fill(undefined)
  }

  get matcher (): Matcher { return this.#live.matcher }
  /** By the index that routes use; none when disposed. */
  get upstreams (): readonly LiveUpstream[] { return this.#parts?.upstreams ?? [] }
  get exchanges (): number { return this.#exchanges }
  get counters (): SnapshotParts['counters'] { return this.#live.counters }
  get #live (): SnapshotParts {
    invariant(this.#parts !== undefined, 'a disposed snapshot takes no request')
    return this.#parts
  }

  route (index: number): LiveRoute { return this.#routes[index] ??= this.#makeRoute(index) }

  #makeRoute (index: number): LiveRoute {
    const { routes, upstreams, chains } = this.#live
    const options = sliceAt(routes, index) as BundleRoute
    return { options, upstream: upstreams[options.upstream]!, chain: chains(options.chain) }
  }

  retain (): void { this.#exchanges++ }

  release (): void {
    if (--this.#exchanges === 0 && this.#drained !== undefined) this.dispose()
  }

  publish (): void { for (const act of this.#live.onPublish) act() }

  /** From now on no request takes this snapshot; `drained` is called when the last exchange that has it ends, perhaps at once. */
  drain (drained: () => void): void {
    this.#drained = drained
    if (this.#exchanges === 0) this.dispose()
  }

  /** Lets go of tables, policies and state. Exchanges that are still under way keep the parts that they hold. */
  dispose (): void {
    if (this.#parts === undefined) return
    const { handlers, lease } = this.#parts
    this.#parts = undefined
    this.#routes.length = 0
    for (const handler of handlers) handler.dispose?.()
    lease.end()
    this.#drained?.()
  }
}
