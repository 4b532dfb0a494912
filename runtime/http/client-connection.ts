import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { invariant } from '../../schema/invariant.ts'
import type { Failure } from '../../schema/failure.ts'
import type { Arrival } from '../accept/arrival.ts'
import { replyTo } from '../problem.ts'
import type { ConnectionEnds } from '../upstream/proxy-preface.ts'
import type { Secured } from '../tls/secured.ts'
import { unarmed } from '../upstream/timeouts.ts'
import type { Timed } from '../upstream/timeouts.ts'
import type { BodySource, Client } from './client.ts'
import type { ListenerContext } from './context.ts'
import { NodeRequest } from './node-request.ts'
import { rawReply } from './raw-reply.ts'
import { Transaction } from './transaction.ts'
import { PeerTrust } from './trusted-proxies.ts'
import type { TrustedProxies } from './trusted-proxies.ts'
import { canDrain, discard, lastCall, lingerTime } from './unread.ts'

/** Requests that a client may send ahead of their responses. */
const maxPipelined = 100

/** One client's connection in the full lane: its requests one after the other, and its timeouts. */
export class ClientConnection implements Client, Timed {
  readonly timer = unarmed()
  readonly peer: string
  readonly ends: ConnectionEnds
  readonly secured: Secured | undefined
  readonly #socket: Socket
  readonly #context: ListenerContext
  readonly #queue: NodeRequest[] = []
  #current: Transaction | undefined
  #currentRequest: NodeRequest | undefined
  /** No request after the current one is taken. */
  #last = false
  /** What the timer is running for. */
  #waitsFor: 'request' | 'body' | 'rest of a body' | 'close' = 'request'
  #bytesWhenIdle = 0
  #lingering: (() => void) | undefined
  /** What broke the stream of requests; answered after those before it. */
  #broken: Failure | undefined
  readonly #trust: PeerTrust

  constructor ({ socket, peer, ends, secured }: Arrival, context: ListenerContext) {
    this.#socket = socket
    this.#context = context
    this.peer = peer
    this.#trust = new PeerTrust(peer)
    this.ends = ends
    this.secured = secured
    // A client that ends its side does not wait for an answer; what is on its way to it goes out.
    socket.on('end', () => { if (this.#current?.unanswered === true) socket.destroy() })
    socket.on('close', () => {
      context.timeouts.disarm(this)
      this.#queue.length = 0
      this.#current?.abandon()
    })
  }

  get busy (): boolean { return this.#current !== undefined || this.#queue.length > 0 }

  /** Takes a request when its head is complete. Pipelined ones wait for their turn. */
  take (req: IncomingMessage, res: ServerResponse, target: string): void {
    if (this.#last) return
    const request = new NodeRequest(req, res, target)
    if (this.#current === undefined && this.#broken === undefined) this.#start(request)
    else if (this.#queue.push(request) > maxPipelined) this.#socket.destroy()
  }

  isTrusted (proxies: TrustedProxies): boolean {
    return this.#trust.in(proxies)
  }

  closeAfterThis (): void {
    this.#last = true
    this.#queue.length = 0
  }

  awaitBody (ms: number): void { this.#waitFor('body', ms) }

  bodyArrived (): void { if (this.#waitsFor === 'body') this.#context.timeouts.disarm(this) }

  /** Requests for other protocols have gone to the wire lane. */
  switchProtocols (): void { invariant(false, 'the full lane does not switch protocols') }

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
    this.#current = this.#currentRequest = undefined
    if (this.#socket.destroyed || this.#last) return
    if (body.complete) {
      body.resume() // parts that nobody took must not hold up what follows
      return this.#next()
    }
    this.#waitFor('rest of a body', lingerTime)
    discard(body, () => this.#socket.destroy(), () => this.#next())
  }

  /** The stream of requests is broken: by bytes that are no HTTP, or a head that takes too long. */
  fail (failure: Failure): void {
    if (this.#broken !== undefined || this.#last) return this.#lingering?.()
    this.#broken = failure
    if (this.#current === undefined) this.#next()
    else if (!this.#currentRequest!.body.complete) this.#current.breakOff(failure)
  }

  /**
   * Closes after the requests that have come or begun to come; when there is none, soon: a client that has sent one without knowing
   * gets its answer, which says that it is the last.
   */
  shutdown (): void { if (!this.busy && this.#socket.bytesRead === this.#bytesWhenIdle) this.#waitFor('request', lastCall) }

  destroy (): void { this.#socket.destroy() }

  /** Lets go of a connection that something else serves from now on. */
  leave (): Arrival {
    this.#context.timeouts.disarm(this)
    this.#last = true
    return { socket: this.#socket, peer: this.peer, ends: this.ends, secured: this.secured, wrapped: true }
  }

  expired (): void {
    if (this.#waitsFor === 'body') this.#current?.breakOff({ kind: 'request-timeout', detail: 'the body stopped coming' })
    else if (this.#lingering !== undefined) this.#lingering()
    // When a head has begun to come, the server's own head timeout decides.
    else if (this.#waitsFor !== 'request' || this.#socket.bytesRead === this.#bytesWhenIdle) this.#socket.destroy()
  }

  #waitFor (what: 'request' | 'body' | 'rest of a body' | 'close', ms: number): void {
    this.#waitsFor = what
    this.#context.timeouts.arm(this, ms)
  }

  #start (request: NodeRequest): void {
    this.#context.timeouts.disarm(this)
    const transaction = new Transaction(this, request, this.#context)
    this.#current = transaction
    this.#currentRequest = request
    transaction.begin()
  }

  #next (): void {
    const waiting = this.#queue.shift()
    if (waiting !== undefined) return this.#start(waiting)
    if (this.#broken !== undefined) return this.#endWith(this.#broken)
    this.#bytesWhenIdle = this.#socket.bytesRead
    if (this.#context.closing) return this.shutdown()
    const view = this.#context.view()
    if (view !== undefined) this.#waitFor('request', view.live.options.timeouts.idle)
  }

  /** Answers what was no request, and closes. */
  #endWith (failure: Failure): void {
    if (!this.#socket.writable) return this.destroy()
    const reply = replyTo(failure, this.#context.view()?.snapshot.name ?? 'gateway', this.#context.nextRequestId())
    this.#context.ended(undefined, reply.reason)
    this.#socket.end(rawReply(reply), 'latin1')
    this.#waitFor('close', lingerTime)
  }
}
