import type { HostPattern } from './host.ts'
import type { PathPattern } from './path.ts'
import type { Mode, Target } from './policy.ts'

/** Names bound, groups flattened, defaults filled. What lint, plan, automaton and emit read. All durations in milliseconds, sizes in bytes. */
export interface Resolved {
  readonly name: string
  readonly listeners: readonly ResolvedListener[]
  readonly tcpListeners: readonly ResolvedTcpListener[]
  readonly upstreams: readonly ResolvedUpstream[]
  readonly routes: readonly ResolvedRoute[]
  readonly invariants: readonly ResolvedInvariant[]
}

/** What must hold for requests; only the compiler reads it. */
export interface ResolvedInvariant {
  readonly name: string
  /** On all listeners; `conditions` are empty. */
  readonly match: RouteMatch
  readonly authenticated: boolean
  /** Names of policies. */
  readonly policies: readonly string[]
  /** Indices into `Resolved.upstreams`, or null: any. */
  readonly upstreams: readonly number[] | null
  readonly unreachable: boolean
  readonly pointer: string
}

export interface ResolvedListener {
  readonly name: string
  readonly protocol: 'http'
  readonly address: string
  readonly port: number
  readonly trustedProxies: readonly string[]
  /** Null: clear text. */
  readonly tls: ResolvedTls | null
  /** By ALPN with `tls`, by prior knowledge without. */
  readonly http2: boolean
  /** Connections begin with a PROXY protocol header; those from outside of `trustedProxies` are closed. */
  readonly proxyProtocol: boolean
  /** Every request is answered with a redirection to https; `port` null: the usual one, left out. */
  readonly redirect: { readonly port: number | null, readonly status: 301 | 302 | 307 | 308 } | null
  readonly limits: {
    readonly headBytes: number, readonly headers: number, readonly bodyBytes: number | null
    readonly connections: number | null, readonly connectionsPerAddress: number | null
    /** HTTP/2 requests under way on one connection. */
    readonly streams: number
  }
  readonly timeouts: { readonly head: number, readonly body: number, readonly idle: number }
  readonly policies: readonly ResolvedPolicy[]
  /** JSON pointer into the document, the key of its origin. */
  readonly pointer: string
}

type SecretReference = { readonly $secret: string }

export interface ResolvedTls {
  /** A folder of the machine that runs the gateway, or pairs of secrets. The first pair is the default. */
  readonly certificates: string | readonly { readonly certificate: SecretReference, readonly key: SecretReference }[]
  readonly unknownHost: 'reject' | 'default'
  readonly minVersion: '1.2' | '1.3'
  readonly clientCertificates: { readonly mode: 'required' | 'optional', readonly ca: SecretReference } | null
}

/** A socket whose connections are passed on as they are. Not among `Resolved.listeners`: it has no routes. */
export interface ResolvedTcpListener {
  readonly name: string
  readonly protocol: 'tcp'
  readonly address: string
  readonly port: number
  readonly trustedProxies: readonly string[]
  readonly proxyProtocol: boolean
  /** Index into `Resolved.upstreams` for what no entry of `sni` takes, or null: it is closed. */
  readonly to: number | null
  /** Chosen by the name that a TLS client asks for; `upstream` is an index. Empty: nothing is looked at. */
  readonly sni: readonly { readonly hosts: readonly HostPattern[], readonly upstream: number }[]
  readonly limits: { readonly connections: number | null, readonly connectionsPerAddress: number | null }
  readonly timeouts: { readonly idle: number, readonly hello: number }
  readonly pointer: string
}

export interface ResolvedUpstream {
  readonly name: string
  readonly protocol: 'http/1.1' | 'h2'
  readonly targets: readonly ResolvedTarget[]
  readonly balance: ResolvedBalance
  readonly hostHeader: 'client' | 'target'
  /** In lower case. */
  readonly upgrades: readonly string[]
  /** `response` is of each try, `total` of all together with waiting and pauses; 0: no limit. */
  readonly timeouts: { readonly connect: number, readonly response: number, readonly idle: number, readonly total: number }
  /** To each target. `requests`: under way, null: no limit. `pipelining`: where more than one request may be ahead of its answer. */
  readonly connections: { readonly max: number, readonly pending: number, readonly requests: number | null, readonly idle: number, readonly pipelining?: number }
  /** To all targets together; null: no limit. */
  readonly limits: { readonly connections: number | null, readonly pending: number | null, readonly requests: number | null }
  readonly tls: {
    readonly verify: boolean, readonly serverName: string | null, readonly ca: SecretReference | null
    readonly certificate: SecretReference | null, readonly key: SecretReference | null
  }
  readonly proxyProtocol: 'v1' | 'v2' | null
  readonly health: ResolvedHealth | null
  readonly ejection: ResolvedEjection | null
  /** `panic` 0: never. */
  readonly failover: { readonly overprovisioning: number, readonly panic: number, readonly zone: 'prefer' | 'ignore' }
  /** 0: none. */
  readonly slowStart: number
  readonly affinity: ResolvedAffinity | null
  readonly retries: ResolvedRetries
  readonly hedge: { readonly after: number, readonly max: number } | null
  readonly breaker: ResolvedBreaker | null
  readonly policies: readonly ResolvedPolicy[]
  /** Who answers for it, if anybody is named. */
  readonly owner: string | null
  readonly pointer: string
}

export interface ResolvedTarget {
  readonly scheme: 'http' | 'https' | 'tcp'
  readonly host: string
  readonly port: number
  readonly weight: number
  /** 0 is asked first. */
  readonly priority: number
  readonly zone: string | null
  /** No new requests but those of its sessions. */
  readonly drain: boolean
}

export type ResolvedBalance =
  | { readonly kind: 'round-robin' | 'least-connections' | 'random-two' | 'latency' }
  /** `maxLoad`: at most this many times the mean of requests under way, or null. */
  | { readonly kind: 'hash', readonly by: HashKey, readonly maxLoad: number | null }

/** The part of a request by which it is sent to a target. Header names in lower case. */
export type HashKey =
  | { readonly kind: 'client-address' }
  | { readonly kind: 'header' | 'cookie' | 'query' | 'param', readonly name: string }

/** Active checks. */
export interface ResolvedHealth {
  readonly type: 'http' | 'tcp' | 'grpc'
  readonly path: string
  readonly method: 'GET' | 'HEAD'
  readonly host: string | null
  readonly port: number | null
  readonly service: string
  /** Inclusive ranges. */
  readonly status: readonly (readonly [first: number, last: number])[]
  /** Must be in the first 64 KiB of the body. */
  readonly body: string | null
  readonly interval: number
  readonly timeout: number
  readonly jitter: number
  readonly rise: number
  readonly fall: number
}

/** Passive health; a count of null is not looked at. */
export interface ResolvedEjection {
  readonly consecutiveServerErrors: number | null
  readonly consecutiveGatewayFailures: number | null
  readonly consecutiveConnectFailures: number | null
  readonly successRate: { readonly minTargets: number, readonly minRequests: number, readonly deviations: number } | null
  readonly interval: number
  readonly base: number
  readonly max: number
  readonly maxEjected: number
}

export type ResolvedAffinity =
  | {
    readonly by: 'cookie', readonly name: string, readonly key: SecretReference, readonly onFailure: 'redistribute' | 'fail'
    /** Null: until the browser closes. */
    readonly ttl: number | null
    readonly path: string, readonly domain: string | null, readonly secure: boolean, readonly httpOnly: boolean, readonly sameSite: 'lax' | 'strict' | 'none'
  }
  | { readonly by: 'header', readonly name: string, readonly idle: number, readonly onFailure: 'redistribute' | 'fail' }
  | { readonly by: 'client-address', readonly idle: number, readonly onFailure: 'redistribute' | 'fail' }

export type RetryCause = 'connect-failure' | 'refused-stream' | 'reset' | 'response-timeout' | 'retry-after'

export interface ResolvedRetries {
  readonly max: number
  readonly on: readonly RetryCause[]
  readonly statuses: readonly number[]
  readonly nonIdempotent: boolean
  readonly backoff: { readonly base: number, readonly max: number }
  /** Share of the requests under way that may be retries. */
  readonly budget: number
  readonly minConcurrent: number
  /** Bytes of a request body kept for another try. */
  readonly buffer: number
}

export interface ResolvedBreaker {
  readonly failureRatio: number
  readonly minRequests: number
  readonly window: number
  readonly consecutive: number | null
  readonly open: number
  readonly probes: number
  readonly ramp: number
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
  /** Anybody may ask for it, on purpose. */
  readonly public: boolean
  /** Who answers for it: named by the route, a group around it, or its upstream. */
  readonly owner: string | null
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
