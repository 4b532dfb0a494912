import net from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { buildAutomaton } from '../../schema/automaton/build.ts'
import { createMatcher } from '../../schema/automaton/match.ts'
import type { Matcher } from '../../schema/automaton/match.ts'
import type { BundleListener, BundleRoute, BundleUpstream } from '../../schema/bundle.ts'
import { isPathError, parsePath } from '../../schema/path.ts'
import type { PathPattern } from '../../schema/path.ts'
import type { ResolvedTarget } from '../../schema/resolved.ts'
import { createBalancer } from '../../runtime/balance/balancer.ts'
import { createChain } from '../../runtime/chain.ts'
import type { LivePolicy } from '../../runtime/chain.ts'
import { createHttpListener } from '../../runtime/http/listener.ts'
import type { HttpListener, Lane } from '../../runtime/http/listener.ts'
import { createBreaker } from '../../runtime/forward/breaker.ts'
import { createLoad } from '../../runtime/forward/load.ts'
import type { Outcome } from '../../runtime/health/outcome.ts'
import type { LiveRoute, LiveUpstream, Snapshot } from '../../runtime/snapshot.ts'
import { createConnectionQuota } from '../../runtime/upstream/connection-quota.ts'
import { Endpoint, endpointId } from '../../runtime/upstream/endpoint.ts'
import { createPool } from '../../runtime/upstream/pool.ts'
import type { Pool } from '../../runtime/upstream/pool.ts'
import { createTimeouts } from '../../runtime/upstream/timeouts.ts'
import type { Timeouts } from '../../runtime/upstream/timeouts.ts'
import { listenerOptions, targetOptions, upstreamOptions } from './upstream-options.ts'

/** A data path without compiler and prepare: a snapshot built by hand behind a real listener. */
export interface Gateway {
  readonly port: number
  readonly listener: HttpListener
  readonly pools: readonly Pool[]
  readonly timeouts: Timeouts
  /** Every ended request: `GET /a 200 ok`, or `- bad-request` when it was refused. */
  readonly log: readonly string[]
  readonly bugs: readonly unknown[]
  /** How tries went: `0 success`, by the index of the target. */
  readonly outcomes: readonly string[]
  readonly endpoints: readonly Endpoint[]
  readonly upstream: LiveUpstream
  /** Exchanges that hold the snapshot. */
  readonly retained: number
  /** Resolves when the log has this many lines. */
  logged (lines: number): Promise<readonly string[]>
  close (): Promise<void>
}

/** `match`: `GET|POST /a/:id/*`, as in a config. */
export interface GatewayRoute extends Partial<Pick<BundleRoute, 'rewrite' | 'timeout'>> {
  readonly match: string
  readonly host?: string
  readonly policies?: readonly LivePolicy[]
}

export interface GatewayOptions {
  readonly routes?: readonly GatewayRoute[]
  readonly ports?: readonly (number | Partial<ResolvedTarget>)[]
  readonly name?: string
  /** Default: of the environment variable `GWC_LANE`, else `wire`. */
  readonly lane?: Lane
  readonly http2?: boolean
  readonly policies?: readonly LivePolicy[]
  readonly trustedProxies?: readonly string[]
  readonly limits?: Partial<BundleListener['limits']>
  readonly timeouts?: Partial<BundleListener['timeouts']>
  readonly upstream?: { readonly [Key in 'timeouts' | 'connections' | 'tls' | 'retries' | 'limits']?: Partial<BundleUpstream[Key]> }
    & Partial<Pick<BundleUpstream, 'hostHeader' | 'protocol' | 'proxyProtocol' | 'hedge' | 'breaker' | 'balance'>> & { readonly ca?: string }
}

export async function startGateway (options: GatewayOptions = {}): Promise<Gateway> {
  const clock = { now: () => performance.now(), wall: () => Date.now() }
  const timeouts = createTimeouts(clock)
  const { ca = null, timeouts: waits, connections, tls, retries, limits, ...rest } = options.upstream ?? {}
  const base = upstreamOptions({ targets: (options.ports ?? []).map(targetOptions), ...rest })
  const upstream: BundleUpstream = {
    ...base,
    timeouts: { ...base.timeouts, ...waits },
    connections: { ...base.connections, ...connections },
    tls: { ...base.tls, ...tls },
    retries: { ...base.retries, ...retries },
    limits: { ...base.limits, ...limits }
  }
  const quota = createConnectionQuota(upstream.limits)
  const pools = upstream.targets.map((target) => createPool({ upstream: 'up', target, protocol: upstream.protocol, timeouts: upstream.timeouts, connections: upstream.connections, tls: { ...upstream.tls, ca, certificate: null, key: null }, proxyProtocol: upstream.proxyProtocol }, timeouts, quota))
  const endpoints = upstream.targets.map((target, index) => new Endpoint(endpointId(target), pools[index]!, target, upstream.connections.requests ?? Infinity))
  const outcomes: string[] = []
  const liveUpstream: LiveUpstream = {
    options: upstream,
    balancer: createBalancer({ clock, random: Math.random, zone: undefined }, upstream, endpoints, undefined),
    affinity: undefined,
    breaker: upstream.breaker === null ? undefined : createBreaker(upstream.breaker, clock, Math.random),
    load: createLoad(),
    keepsBodies: true,
    clock, random: Math.random, timeouts,
    observe: (endpoint, outcome: Outcome) => { outcomes.push(`${endpoints.indexOf(endpoint)} ${outcome}`) }
  }
  const routes = (options.routes ?? [{ match: '/*' }]).map((route) => ({ ...route, ...parseMatch(route.match) }))
  const live = routes.map((route, index): LiveRoute => ({
    options: { id: route.match, upstream: 0, chain: index, rewrite: route.rewrite ?? null, timeout: route.timeout ?? null, params: paramsOf(route.path) },
    upstream: liveUpstream,
    chain: createChain(route.policies ?? []),
  }))
  const defaults = listenerOptions()
  const publicListener: BundleListener = {
    ...defaults, trustedProxies: options.trustedProxies ?? [], limits: { ...defaults.limits, ...options.limits }, timeouts: { ...defaults.timeouts, ...options.timeouts }, http2: options.http2 ?? true
  }
  let retained = 0
  const snapshot: Snapshot = {
    digest: 'sha256:test', revision: null, name: options.name ?? 'gwc',
    matcher: matcherOf(routes),
    listeners: [{ options: publicListener, chain: createChain(options.policies ?? []), tls: undefined }],
    tcpListeners: [],
    route: (index) => live[index]!,
    retain: () => { retained++ },
    release: () => { retained-- },
  }
  const log: string[] = []
  const bugs: unknown[] = []
  let waiting: { readonly lines: number, readonly resolve: () => void }[] = []
  const listener = createHttpListener({
    options: publicListener,
    active: () => snapshot,
    timeouts,
    lane: options.lane ?? process.env['GWC_LANE'] as Lane | undefined,
    random: Math.random,
    ended: (exchange, reason) => {
      log.push(exchange === undefined ? `- ${reason}` : `${exchange.method} ${exchange.path} ${exchange.status} ${reason}`)
      for (const { lines, resolve } of waiting) if (log.length >= lines) resolve()
      waiting = waiting.filter(({ lines }) => log.length < lines)
    },
    bug: (error) => bugs.push(error),
  })
  const { port } = await listener.listen()
  return {
    port, listener, pools, timeouts, log, bugs, outcomes, endpoints, upstream: liveUpstream,
    get retained () { return retained },
    logged: async (lines) => {
      if (log.length < lines) await new Promise<void>((resolve) => waiting.push({ lines, resolve }))
      return log
    },
    close: async () => {
      for (const pool of pools) pool.close()
      await listener.close(0)
      timeouts.close()
    },
  }
}

/** A policy that does what it is told. */
export function policy (handler: LivePolicy['handler'], rest: Partial<LivePolicy> = {}): LivePolicy {
  return { id: rest.name ?? 'test', name: 'test', mode: 'enforce', phase: 'admit', ...rest, handler }
}

function parseMatch (match: string): { readonly methods: readonly string[], readonly path: PathPattern } {
  const [, methods = '', source = ''] = /^(?:(\S+) )?(\/.*)$/.exec(match)!
  const path = parsePath(source)
  if (isPathError(path)) throw new Error(path.message)
  return { methods: methods === '' ? [] : methods.split('|'), path }
}

function paramsOf ({ segments }: PathPattern): BundleRoute['params'] {
  return segments.flatMap((part, segment) => part.kind === 'param' || part.kind === 'rest'
    ? [{ name: part.name, segment, rest: part.kind === 'rest', prefix: 0, suffix: 0 }]
    : [])
}

function matcherOf (routes: readonly { readonly methods: readonly string[], readonly path: PathPattern, readonly host?: string }[]): Matcher {
  const built = buildAutomaton(routes.map(({ methods, path, host }) => ({
    listeners: [0], hosts: host === undefined ? [] : [{ wildcard: false, name: host }], methods, path, conditions: [], priority: 0,
  })), 1)
  if (built.overflow !== undefined) throw new Error(built.overflow.message)
  return createMatcher(built.automaton)
}

/** A target that a test writes byte by byte. */
export interface RawTarget {
  readonly port: number
  /** Connections accepted so far, and those open. */
  readonly accepted: number
  readonly sockets: ReadonlySet<Socket>
  close (): Promise<void>
}

/** Accepts connections and calls `onData` with each piece that comes and all that has come on the connection. */
export async function startRawTarget (onData: (socket: Socket, all: string, request: number) => void, onConnection?: (socket: Socket) => void): Promise<RawTarget> {
  const sockets = new Set<Socket>()
  let accepted = 0
  let requests = 0
  const server = net.createServer((socket) => {
    accepted++
    sockets.add(socket)
    let all = ''
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (data) => {
      all += data.toString('latin1')
      // One call a head: what follows belongs to the test.
      onData(socket, all, requests)
      if (all.includes('\r\n\r\n')) { requests++; all = '' }
    })
    onConnection?.(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get accepted () { return accepted },
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A client that sends bytes and reads bytes (latin1). */
export class RawClient {
  readonly socket: Socket
  received = ''
  closed = false
  reset = false
  #changed: (() => void)[] = []

  constructor (port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    this.socket.on('data', (data) => { this.received += data.toString('latin1'); this.#change() })
    // A reset that comes with data looks like an end; writing nothing tells them apart.
    this.socket.on('end', () => this.socket.write('', 'latin1', (error) => {
      this.reset ||= error != null
      this.closed = true
      this.#change()
    }))
    this.socket.on('error', (error: NodeJS.ErrnoException) => { this.reset ||= error.code === 'ECONNRESET'; this.closed = true; this.#change() })
    this.socket.on('close', () => { this.closed = true; this.#change() })
  }

  send (bytes: string): this {
    this.socket.write(bytes, 'latin1')
    return this
  }

  /** Resolves with what has been received once it fulfils the condition, or the connection has closed. */
  async until (condition: (received: string) => boolean): Promise<string> {
    while (!condition(this.received) && !this.closed) await new Promise<void>((resolve) => this.#changed.push(resolve))
    return this.received
  }

  /** Everything until the connection is closed by the gateway. */
  async all (): Promise<string> {
    const received = await this.until(() => false)
    this.socket.destroy()
    return received
  }

  destroy (): void { this.socket.destroy() }

  #change (): void {
    const changed = this.#changed
    this.#changed = []
    for (const resolve of changed) resolve()
  }
}

/** Sends bytes on a connection of its own and reads until it closes. */
export async function exchange (port: number, bytes: string): Promise<string> {
  return await new RawClient(port).send(bytes).all()
}
