import type { HostPattern } from './host.ts'
import type { PathPattern } from './path.ts'
import type { Mode, Target } from './policy.ts'

/** Names bound, groups flattened, defaults filled. What lint, plan, automaton and emit read. All durations in milliseconds, sizes in bytes. */
export interface Resolved {
  readonly name: string
  readonly listeners: readonly ResolvedListener[]
  readonly upstreams: readonly ResolvedUpstream[]
  readonly routes: readonly ResolvedRoute[]
}

export interface ResolvedListener {
  readonly name: string
  readonly protocol: 'http'
  readonly address: string
  readonly port: number
  readonly trustedProxies: readonly string[]
  readonly limits: { readonly headBytes: number, readonly headers: number, readonly bodyBytes: number | null }
  readonly timeouts: { readonly head: number, readonly body: number, readonly idle: number }
  readonly policies: readonly ResolvedPolicy[]
  /** JSON pointer into the document, the key of its origin. */
  readonly pointer: string
}

export interface ResolvedUpstream {
  readonly name: string
  readonly targets: readonly ResolvedTarget[]
  readonly balance: 'round-robin'
  readonly hostHeader: 'client' | 'target'
  readonly timeouts: { readonly connect: number, readonly response: number, readonly idle: number }
  readonly connections: { readonly max: number, readonly pending: number, readonly idle: number }
  readonly tls: { readonly verify: boolean, readonly serverName: string | null, readonly ca: { readonly $secret: string } | null }
  readonly policies: readonly ResolvedPolicy[]
  readonly pointer: string
}

export interface ResolvedTarget {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
  readonly weight: number
}

export interface ResolvedPolicy {
  /** Stable id: key of the policy's state. */
  readonly id: string
  readonly name: string
  readonly version: number
  readonly mode: Mode
  /** Validated, defaults filled, without the common options. */
  readonly options: Readonly<Record<string, unknown>>
  readonly target: Target
  readonly pointer: string
}

export type FieldKind = 'header' | 'query' | 'cookie'

/** One condition on one field. */
export interface FieldCondition {
  readonly kind: FieldKind
  /** Headers in lower case. */
  readonly name: string
  readonly test:
    | { readonly op: 'equals', readonly value: string }
    | { readonly op: 'regex', readonly source: string }
    | { readonly op: 'present' }
    | { readonly op: 'absent' }
}

/** The part of a route that decides which requests are its own: all that the automaton reads. */
export interface RouteMatch {
  /** Indices into `Resolved.listeners`, ascending. */
  readonly listeners: readonly number[]
  /** Empty: any host that no other route of the listener names. */
  readonly hosts: readonly HostPattern[]
  /** Upper case; empty: any method. `GET` also takes `HEAD` unless another route takes it explicitly. */
  readonly methods: readonly string[]
  readonly path: PathPattern
  /** Sorted by kind and name; one per field. */
  readonly conditions: readonly FieldCondition[]
  readonly priority: number
}

export interface ResolvedRoute {
  /** The user's name, or derived: `GET api.example.com/users/:id`. Unique. */
  readonly id: string
  readonly match: RouteMatch
  readonly action: RouteAction
  /** Of groups and route in config order; those of listener and upstream are in their own nodes. */
  readonly policies: readonly ResolvedPolicy[]
  readonly pointer: string
}

export interface RouteAction {
  readonly kind: 'forward'
  /** Index into `Resolved.upstreams`. */
  readonly upstream: number
  /** Alternating text and parameter names, or null: the path as matched. */
  readonly rewrite: readonly ({ readonly text: string } | { readonly param: string })[] | null
  /** Milliseconds to the response head, or null: that of the upstream. */
  readonly timeout: number | null
}
