import type { Failure } from '../../schema/failure.ts'
import { acceptHead } from '../http/accept.ts'
import type { Accepted, Limits } from '../http/accept.ts'
import type { BodySource, Client } from '../http/client.ts'
import type { ClientRequest } from '../http/client-request.ts'
import type { ListenerContext } from '../http/context.ts'
import { rawReply } from '../http/raw-reply.ts'
import type { ResponseWriter, WriterEvents } from '../http/response-writer.ts'
import { Transaction } from '../http/transaction.ts'
import { PeerTrust } from '../http/trusted-proxies.ts'
import type { TrustedProxies } from '../http/trusted-proxies.ts'
import { canDrain, discard, lastCall, lingerTime } from '../http/unread.ts'
import type { Arrival } from '../accept/arrival.ts'
import { replyTo } from '../problem.ts'
import { Tunnel } from '../tunnel/tunnel.ts'
import type { TunnelResult } from '../tunnel/tunnel.ts'
import type { TunnelEvents } from '../tunnel/tunnel-end.ts'
import type { TargetConnection } from '../upstream/target-connection.ts'
import type { ConnectionEnds } from '../upstream/proxy-preface.ts'
import type { Secured } from '../tls/secured.ts'
import { isArmed, unarmed } from '../upstream/timeouts.ts'
import type { Timed, Timeouts } from '../upstream/timeouts.ts'
import { WireHead } from './request-parser.ts'
import { WireBody, noBody } from './wire-body.ts'
import type { BodyFlow } from './wire-body.ts'
import { WireResponse } from './wire-response.ts'
import { wireEnd } from './wire-end.ts'
import type { WireSocket } from './wire-socket.ts'

/** Octets that a client may send ahead of the response that it waits for. */
const maxAhead = 64 * 1024
/** Offsets within a head have 16 bits; longer heads are the full lane's. */
const maxHead = 65_535

const nothing = Buffer.alloc(0)

type Wait = 'request' | 'head' | 'body' | 'rest of a body' | 'close'

/**
 * One client's connection in the wire lane. Plain requests are served here, with the same transactions as in the full lane. At the first
 * request that is not plain, the connection goes to the full lane for good, with what has been read.
 */
export class WireConnection implements Client, ClientRequest, BodyFlow, Timed {
  readonly timer = unarmed()
  readonly peer: string
  readonly ends: ConnectionEnds
  readonly secured: Secured | undefined
  readonly version = '1.1'
  body: BodySource = noBody
  readonly #context: ListenerContext
  readonly #leave: (socket: WireSocket, bytes: Buffer) => void
  #socket!: WireSocket
  readonly #head = new WireHead()
  #current: Transaction | undefined
  #wireBody: WireBody | undefined
  /** Read and not used up: a head that is incomplete, or what came ahead of its time. */
  #ahead: Buffer = nothing
  #aheadSize = 0
  /** A head is known to be incomplete up to here. */
  #searched = 0
  #serving = false
  #last = false
  #held = false
  #waitsFor: Wait = 'request'
  #tunnel: TunnelEvents | undefined
  #lingering: (() => void) | undefined
  readonly #trust: PeerTrust
  #left = false

  /** `leave`: takes the connection over into the full lane. */
  constructor ({ peer, ends, secured }: Pick<Arrival, 'peer' | 'ends' | 'secured'>, context: ListenerContext, leave: (socket: WireSocket, bytes: Buffer) => void) {
    this.peer = peer
    this.#trust = new PeerTrust(peer)
    this.ends = ends
    this.secured = secured
    this.#context = context
    this.#leave = leave
  }

  attach (socket: WireSocket): void {
    this.#socket = socket
    this.#await()
  }

  switchProtocols (fields: readonly string[], protocol: string, target: TargetConnection, idle: number, ended: (result: TunnelResult) => void): void {
    const socket = this.#socket
    let text = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${protocol}\r\nConnection: Upgrade\r\n`
    for (let i = 0; i < fields.length; i += 2) text += `${fields[i]!}: ${fields[i + 1]!}\r\n`
    const tunnel = new Tunnel({ timeouts: this.#context.timeouts, idle, ended })
    this.#tunnel = tunnel.client
    socket.onDrain = () => { tunnel.client.drained() }
    tunnel.start(wireEnd(socket), target.takeOver(tunnel.target))
    socket.writeText(`${text}\r\n`)
    const ahead = this.#ahead.subarray(0, this.#aheadSize)
    this.#aheadSize = 0
    this.#ahead = nothing
    this.release()
    if (ahead.length > 0) tunnel.client.read(ahead, 0, ahead.length)
  }

  get busy (): boolean { return this.#current !== undefined }
  get method (): string { return this.#head.method }

  accept (limits: Limits, scheme: 'http' | 'https'): Accepted | Failure {
    const head = this.#head
    if (head.count > limits.headers) return { kind: 'head-too-large', detail: `more than ${limits.headers} fields` }
    return acceptHead(head, { method: head.method, target: head.target, minor: 1, scheme }, limits)
  }

  respond (timeouts: Timeouts, stallTimeout: number, events: WriterEvents): ResponseWriter {
    return new WireResponse(this.#socket, this.#head.method === 'HEAD', timeouts, stallTimeout, events)
  }

  read (bytes: Buffer, start: number, end: number): void {
    if (this.#tunnel !== undefined) return this.#tunnel.read(bytes, start, end)
    if (this.#last && this.#lingering === undefined && this.#wireBody === undefined) return
    let from = start
    if (this.#wireBody !== undefined) {
      from = this.#wireBody.take(bytes, start, end)
      if (from === end || this.#last) return
    }
    if (this.#current !== undefined || this.#serving || this.#aheadSize > 0) {
      this.#keep(bytes, from, end)
      if (this.#current === undefined && !this.#serving) this.#serveAhead()
    } else this.#serve(bytes, from, end)
  }

  /** A client that ends its side does not wait for an answer; what is on its way to it goes out. */
  ended (): void {
    if (this.#tunnel !== undefined) return this.#tunnel.ended()
    if (this.#current?.unanswered === true) this.destroy()
    else this.#socket.end()
  }

  closed (failed: boolean): void {
    this.#tunnel?.closed(failed)
    this.#left = true
    this.#context.timeouts.disarm(this)
    this.#aheadSize = 0
    this.#current?.abandon()
  }

  isTrusted (proxies: TrustedProxies): boolean {
    return this.#trust.in(proxies)
  }

  closeAfterThis (): void {
    this.#last = true
    this.#aheadSize = 0
  }

  awaitBody (ms: number): void { this.#waitFor('body', ms) }

  bodyArrived (): void { if (this.#waitsFor === 'body') this.#context.timeouts.disarm(this) }

  canDrain (contentLength: number): boolean { return canDrain(contentLength) }

  linger (body: BodySource, done: () => void): void {
    if (body.complete) return done()
    this.#lingering = () => {
      this.#lingering = undefined
      this.#context.timeouts.disarm(this)
      done()
    }
    this.#waitFor('close', lingerTime)
    discard(body, () => this.#lingering?.(), () => this.#lingering?.())
  }

  done (transaction: Transaction, body: BodySource): void {
    if (transaction !== this.#current) return
    this.#current = undefined
    if (this.#left || this.#socket.socket.destroyed) return
    if (this.#last) return this.#socket.destroySoon()
    if (body.complete) {
      this.#wireBody = undefined
      return this.#next()
    }
    this.#waitFor('rest of a body', lingerTime)
    discard(body, () => this.destroy(), () => {
      this.#wireBody = undefined
      this.#next()
    })
  }

  /** Closes after the request that has come or begun to come; when there is none, soon. */
  shutdown (): void { if (!this.busy && this.#aheadSize === 0) this.#waitFor('request', lastCall) }

  destroy (): void { this.#socket.destroy() }

  expired (): void {
    if (this.#waitsFor === 'body') this.#current?.breakOff({ kind: 'request-timeout', detail: 'the body stopped coming' })
    else if (this.#lingering !== undefined) this.#lingering()
    else if (this.#waitsFor === 'head') this.#refuse({ kind: 'request-timeout', detail: 'the request head took too long' })
    else this.destroy()
  }

  keep (bytes: Buffer, start: number, end: number): Buffer { return this.#socket.keep(bytes, start, end) }

  broken (detail: string): void {
    const failure: Failure = { kind: 'bad-request', detail }
    if (this.#lingering !== undefined) this.#lingering()
    else if (this.#last) return
    else if (this.#current === undefined) this.#refuse(failure)
    else this.#current.breakOff(failure)
  }

  get streaming (): boolean { return this.#tunnel !== undefined || this.#wireBody?.complete === false }

  hold (): void {
    if (this.#held) return
    this.#held = true
    this.#socket.pause()
  }

  release (): void {
    if (!this.#held || this.#aheadSize > maxAhead) return
    this.#held = false
    this.#socket.resume()
  }

  #next (): void {
    this.release()
    if (this.#serving) return
    if (this.#aheadSize > 0) this.#serveAhead()
    else this.#await()
  }

  /** Nothing has come of the next request. */
  #await (): void {
    this.#head.forget()
    if (this.#context.closing) return this.shutdown()
    const view = this.#context.view()
    if (view !== undefined) this.#waitFor('request', view.live.options.timeouts.idle)
  }

  #serveAhead (): void {
    const bytes = this.#ahead
    const size = this.#aheadSize
    // A head that drips in is looked at again only when an empty line has come.
    if (this.#searched > 0 && size <= (this.#context.view()?.live.options.limits.headBytes ?? 0)) {
      const found = bytes.subarray(0, size).indexOf('\r\n\r\n', Math.max(0, this.#searched - 3))
      this.#searched = size
      if (found < 0) return
    }
    this.#ahead = nothing
    this.#aheadSize = 0
    this.#serve(bytes, 0, size)
  }

  /** Serves the requests that have come, as long as they are answered at once. */
  #serve (bytes: Buffer, start: number, end: number): void {
    this.#searched = 0
    let from = start
    this.#serving = true
    while (from < end && this.#current === undefined && !this.#last && !this.#left) {
      const parsed = this.#head.parse(bytes, from, end)
      const view = this.#context.view()
      const limit = Math.min(maxHead, view?.live.options.limits.headBytes ?? maxHead)
      const size = (parsed === 'complete' ? this.#head.end : end) - from
      if (parsed === 'other' || size > limit || view === undefined) return this.#handOver(bytes.subarray(from, end))
      if (parsed === 'incomplete') {
        this.#keep(bytes, from, end)
        this.#searched = this.#aheadSize
        if (this.#waitsFor !== 'head' || !isArmed(this)) this.#waitFor('head', view.live.options.timeouts.head)
        break
      }
      from = this.#begin(bytes, this.#head.end, end)
    }
    this.#serving = false
    if (this.#searched > 0 || this.#last || this.#left) return
    if (from < end) this.#keep(bytes, from, end)
    else if (this.#current === undefined && this.#wireBody === undefined) this.#await()
  }

  /** Begins the request whose head has been parsed; returns the position after what is there of its body. */
  #begin (bytes: Buffer, from: number, end: number): number {
    this.#context.timeouts.suspend(this)
    this.#waitsFor = 'request'
    const { contentLength, chunked } = this.#head
    const body = chunked ? new WireBody(this, undefined) : contentLength > 0 ? new WireBody(this, contentLength) : undefined
    this.#wireBody = body
    this.body = body ?? noBody
    const transaction = new Transaction(this, this, this.#context)
    this.#current = transaction
    try {
      transaction.begin()
    } catch (error) {
      this.#context.bug(error, 'listener')
      this.destroy()
      return end
    }
    return body === undefined ? from : body.take(bytes, from, end)
  }

  #keep (bytes: Buffer, from: number, end: number): void {
    const size = this.#aheadSize + end - from
    if (size > this.#ahead.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, this.#ahead.length * 2, 1024))
      this.#ahead.copy(larger, 0, 0, this.#aheadSize)
      this.#ahead = larger
    }
    bytes.copy(this.#ahead, this.#aheadSize, from, end)
    this.#aheadSize = size
    if (size > maxAhead) this.hold()
  }

  #handOver (bytes: Buffer): void {
    this.#left = true
    this.#context.timeouts.disarm(this)
    this.#leave(this.#socket, bytes)
  }

  /** Answers what was no request, and closes. */
  #refuse (failure: Failure): void {
    this.#last = true
    const reply = replyTo(failure, this.#context.view()?.snapshot.name ?? 'gateway', this.#context.nextRequestId())
    this.#context.ended(undefined, reply.reason)
    this.#socket.end(rawReply(reply))
    this.#waitFor('close', lingerTime)
  }

  #waitFor (what: Wait, ms: number): void {
    this.#waitsFor = what
    this.#context.timeouts.arm(this, ms)
  }
}
