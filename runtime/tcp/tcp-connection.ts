import { proxyPreface } from '../upstream/proxy-preface.ts'
import type { ConnectionEnds } from '../upstream/proxy-preface.ts'
import type { BalanceRequest } from '../balance/hash-key.ts'
import { outcomeOfFailure } from '../health/outcome.ts'
import type { LiveUpstream } from '../snapshot.ts'
import { Tunnel } from '../tunnel/tunnel.ts'
import type { TunnelResult } from '../tunnel/tunnel.ts'
import type { Endpoint } from '../upstream/endpoint.ts'
import { ReadBuffer } from '../upstream/read-buffer.ts'
import { DirectWriter } from '../upstream/direct-write.ts'
import { openSocket } from '../upstream/socket.ts'
import type { TargetSocket } from '../upstream/socket.ts'
import { unarmed } from '../upstream/timeouts.ts'
import type { Timed, Timeouts } from '../upstream/timeouts.ts'
import { socketEnd, wireEnd } from '../wire/wire-end.ts'
import type { WireSocket, WireSocketEvents } from '../wire/wire-socket.ts'
import { maxHello, serverNameOf } from './client-hello.ts'

/** What became of a connection. */
export interface TcpEnd {
  readonly client: string
  readonly upstream: string | undefined
  readonly target: string | undefined
  /** Octets from and to the client. */
  readonly received: number
  readonly sent: number
}

export type TcpReason = TunnelResult | 'no-target' | 'connect-failed' | 'no-route' | 'hello-timeout' | 'client-gone'

export interface TcpConnectionOptions {
  readonly ends: ConnectionEnds
  /** Undefined: the first message is not looked at. Null: the client asks for no name, or is no TLS. */
  readonly route: (name: string | null | undefined) => LiveUpstream | undefined
  readonly looksAtHello: boolean
  readonly timeouts: Timeouts
  /** Milliseconds. */
  readonly idle: number
  readonly hello: number
  readonly ended: (end: TcpEnd, reason: TcpReason) => void
}

type State = 'hello' | 'connecting' | 'tunnel' | 'closed'

/** One client's connection of a tcp listener: on its way to a target, then a tunnel. */
export class TcpConnection implements WireSocketEvents, Timed {
  readonly timer = unarmed()
  readonly streaming = true
  readonly #options: TcpConnectionOptions
  #client!: WireSocket
  #state: State = 'hello'
  #ahead: Buffer = Buffer.alloc(0)
  #upstream: LiveUpstream | undefined
  #endpoint: Endpoint | undefined
  #target: TargetSocket | undefined
  #tried: readonly Endpoint[] = []
  #tunnel: Tunnel | undefined

  constructor (options: TcpConnectionOptions) { this.#options = options }

  attach (client: WireSocket): void {
    this.#client = client
    const { looksAtHello, timeouts, hello, route } = this.#options
    if (looksAtHello) timeouts.arm(this, hello)
    else this.#take(route(undefined))
  }

  destroy (): void {
    if (this.#tunnel !== undefined) this.#tunnel.cut()
    else this.#close('client-gone')
  }

  read (bytes: Buffer, start: number, end: number): void {
    if (this.#state === 'tunnel') return this.#tunnel!.client.read(bytes, start, end)
    if (this.#state === 'closed') return
    this.#ahead = Buffer.concat([this.#ahead, bytes.subarray(start, end)])
    if (this.#state === 'connecting') return
    const name = serverNameOf(this.#ahead)
    if (name === 'incomplete' && this.#ahead.length < maxHello) return
    this.#options.timeouts.disarm(this)
    this.#take(this.#options.route(name === 'other' || name === 'incomplete' ? null : name))
  }

  ended (): void {
    if (this.#state === 'tunnel') this.#tunnel!.client.ended()
    else this.#close('client-gone')
  }

  closed (failed: boolean): void {
    if (this.#state === 'tunnel') this.#tunnel!.client.closed(failed)
    else this.#close('client-gone')
  }

  expired (): void {
    if (this.#state === 'hello') this.#close('hello-timeout')
    else if (this.#state === 'connecting') this.#lost('connect-timeout')
  }

  #take (upstream: LiveUpstream | undefined): void {
    if (upstream === undefined) return this.#close('no-route')
    this.#upstream = upstream
    this.#state = 'connecting'
    this.#client.pause()
    this.#client.onDrain = () => { this.#tunnel?.client.drained() }
    this.#connect()
  }

  #connect (): void {
    const upstream = this.#upstream!
    const { options, load } = upstream
    const full = options.limits.requests !== null && load.active >= options.limits.requests
    const endpoint = full ? undefined : this.#choose(upstream)
    if (endpoint === undefined) return this.#close(this.#tried.length > 0 ? 'connect-failed' : 'no-target')
    this.#endpoint = endpoint
    endpoint.active++
    load.active++
    const preface = options.proxyProtocol === null ? undefined : proxyPreface(options.proxyProtocol, this.#options.ends)
    const buffer = new ReadBuffer()
    let failed = false
    this.#options.timeouts.arm(this, options.timeouts.connect)
    this.#target = openSocket(endpoint.target, undefined, {
      opened: () => { this.#opened(endpoint, buffer) },
      read: (bytes, length) => { this.#tunnel?.target.read(bytes, 0, length) },
      buffer: () => buffer.next(true),
      drained: () => { this.#tunnel?.target.drained() },
      ended: () => { this.#tunnel?.target.ended() },
      failed: () => { failed = true },
      closed: () => {
        if (this.#tunnel !== undefined) this.#tunnel.target.closed(failed)
        else if (this.#endpoint === endpoint) this.#lost('connect-failed')
      },
    }, preface)
  }

  #choose ({ affinity, balancer }: LiveUpstream): Endpoint | undefined {
    const request = requestOf(this.#options.ends.address)
    const tried = this.#tried
    const bound = affinity?.bound(request, balancer.endpoints)
    if (bound?.usable === true && bound.takes(tried)) return bound
    if (bound !== undefined && affinity!.onFailure === 'fail') return undefined
    return affinity?.choose(request, balancer, tried) ?? balancer.pick(request, tried)
  }

  #opened (endpoint: Endpoint, buffer: ReadBuffer): void {
    if (this.#state !== 'connecting' || this.#endpoint !== endpoint) return
    const { timeouts, idle, ends } = this.#options
    const upstream = this.#upstream!
    timeouts.disarm(this)
    upstream.observe(endpoint, 'success')
    upstream.affinity?.bind(requestOf(ends.address), endpoint)
    this.#state = 'tunnel'
    this.#tunnel = new Tunnel({ timeouts, idle, ended: (result) => { this.#close(result) } })
    const target = this.#target!
    const writer = new DirectWriter(target, { drained: () => { this.#tunnel?.target.drained() } })
    this.#tunnel.start(wireEnd(this.#client), socketEnd(target, writer, buffer))
    const ahead = this.#ahead
    this.#ahead = Buffer.alloc(0)
    if (ahead.length > 0) this.#tunnel.client.read(ahead, 0, ahead.length)
    this.#client.resume()
  }

  /** The target could not be connected to: another one is asked, if there is one. */
  #lost (kind: 'connect-failed' | 'connect-timeout'): void {
    const upstream = this.#upstream!
    const endpoint = this.#endpoint!
    const { retries, name } = upstream.options
    const outcome = outcomeOfFailure(kind === 'connect-timeout' ? { kind, upstream: name, target: endpoint.id } : { kind, upstream: name, target: endpoint.id, detail: '' })
    if (outcome !== undefined) upstream.observe(endpoint, outcome)
    this.#release()
    this.#tried = [...this.#tried, endpoint]
    if (this.#tried.length > retries.max) this.#close('connect-failed')
    else this.#connect()
  }

  #release (): void {
    if (this.#endpoint === undefined) return
    this.#options.timeouts.disarm(this)
    this.#endpoint.active--
    this.#upstream!.load.active--
    this.#endpoint = undefined
    if (this.#tunnel === undefined) this.#target?.destroy()
  }

  #close (reason: TcpReason): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#options.timeouts.disarm(this)
    const target = this.#endpoint?.id ?? this.#tried.at(-1)?.id
    this.#release()
    if (this.#tunnel === undefined) this.#client.socket.destroy()
    const { client, target: answer } = this.#tunnel ?? { client: { bytes: 0 }, target: { bytes: 0 } }
    this.#options.ended({ client: this.#options.ends.address, upstream: this.#upstream?.options.name, target, received: client.bytes, sent: answer.bytes }, reason)
  }
}

/** All that is known of a client whose bytes are not looked at. */
function requestOf (clientAddress: string): BalanceRequest {
  return { clientAddress, header: nothing, query: nothing, cookie: nothing, param: nothing }
}

function nothing (): undefined { return undefined }
