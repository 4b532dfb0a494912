import type { WitnessRequest } from './diagnostic.ts'
import type { Origin } from './origin.ts'
import type { FieldCondition, ResolvedListener, ResolvedTcpListener, ResolvedUpstream } from './resolved.ts'
import type { EncodedAutomaton } from './automaton/encode.ts'

export const bundleFormat = { major: 2, minor: 1 } as const

/** Where the config came from. `sequence` orders bundles: a runtime refuses one that is older than what it runs. */
export interface Revision {
  readonly commit: string | null
  readonly dirty: boolean
  /** Committer time in seconds since 1970, or what `gwc compile --sequence` gave. */
  readonly sequence: number
}

/** One policy instance: shared by all chains that name it. */
export interface BundlePolicy {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly mode: 'enforce' | 'shadow'
  readonly options: Readonly<Record<string, unknown>>
}

/** A route as the runtime needs it; matching is in the automaton, which answers with the index into `routes`. */
export interface BundleRoute {
  readonly id: string
  readonly upstream: number
  /** Index into `chains`: policies of listener are not in it, those of groups, route and upstream are. */
  readonly chain: number
  readonly rewrite: readonly ({ readonly text: string } | { readonly param: number })[] | null
  /** Names of path parameters with the segment they stand in, and the literal text around them. */
  readonly params: readonly { readonly name: string, readonly segment: number, readonly rest: boolean, readonly prefix: number, readonly suffix: number }[]
  readonly timeout: number | null
}

/** Which requests a route takes, for those who compare bundles; the runtime reads the automaton instead. Hosts and path as they are printed. */
export interface BundleMatch {
  /** Indices into `listeners`. */
  readonly listeners: readonly number[]
  readonly hosts: readonly string[]
  readonly methods: readonly string[]
  readonly path: string
  readonly conditions: readonly FieldCondition[]
  readonly priority: number
}

/** The listener without what only the compiler needs. `chain` runs for every request, matched or not. */
export type BundleListener = Omit<ResolvedListener, 'policies' | 'pointer'> & { readonly chain: number }
export type BundleTcpListener = Omit<ResolvedTcpListener, 'pointer'>
export type BundleUpstream = Omit<ResolvedUpstream, 'policies' | 'owner' | 'pointer'>

/** The content of a bundle: data only. Emitted as one line of canonical JSON. */
export interface Bundle {
  readonly format: { readonly major: number, readonly minor: number }
  readonly name: string
  /** `policy@version` that a runtime must know. */
  readonly requires: readonly string[]
  readonly revision: Revision | null
  /** Of behaviour only: renames, moved lines and comments leave it unchanged. */
  readonly semanticDigest: string
  readonly listeners: readonly BundleListener[]
  readonly tcpListeners: readonly BundleTcpListener[]
  readonly upstreams: readonly BundleUpstream[]
  readonly policies: readonly BundlePolicy[]
  /** Lists of indices into `policies`, ordered by phase, then config order. */
  readonly chains: readonly (readonly number[])[]
  readonly routes: readonly BundleRoute[]
  /** By route. Since format 2.1. */
  readonly matches: readonly BundleMatch[]
  readonly automaton: EncodedAutomaton
  /** Self-test: requests and the id of the route each must reach, run before publish. At most 256. */
  readonly witnesses: readonly { readonly request: WitnessRequest, readonly route: string | null }[]
  /** Names of secrets that the runtime must resolve. */
  readonly secrets: readonly string[]
  /** Source map: origins by `route:<id>`, `upstream:<name>` and `listener:<name>`. */
  readonly origins: Readonly<Record<string, Origin>>
  /** Owners by `route:<id>` and `upstream:<name>`, for plans. Absent where nobody owns anything. */
  readonly owners?: Readonly<Record<string, string>>
}

/**
 * What is written to disk or sent: `{"bundle":{…},"digest":"sha256:…"}` and a newline. The digest is of the canonical bytes of `bundle`.
 * A signature travels beside it, in `<file>.sig`: a DSSE envelope (ed25519) over the same bytes.
 */
export interface BundleFile {
  readonly bundle: Bundle
  readonly digest: string
}
