import type { Failure } from '../../schema/failure.ts'
import type { Chain } from '../chain.ts'
import { Forward } from '../forward/forward.ts'
import type { ForwardCall } from '../forward/forward-call.ts'
import { isIdempotent } from '../forward/idempotent.ts'
import type { LiveUpstream } from '../snapshot.ts'
import type { TunnelResult } from '../tunnel/tunnel.ts'
import type { ConnectionEnds } from '../upstream/proxy-preface.ts'
import type { TargetConnection } from '../upstream/target-connection.ts'
import type { ResponseHead } from '../upstream/response-head.ts'
import type { BodySource, Client } from './client.ts'
import type { HttpExchange } from './exchange.ts'
import { RequestBody } from './request-body.ts'
import type { BodyEvents } from './request-body.ts'
import { reasonOfText, responseFields, responseText } from './response-fields.ts'
import type { ResponseText } from './response-fields.ts'
import type { ResponseWriter } from './response-writer.ts'

/** What a forwarding tells its transaction. */
export interface ForwardingOwner {
  /** Nothing has been sent to the client: answer with the failure, policies included. */
  answer (failure: Failure): void
  /** The request cannot be completed: answer with the failure and close, or cut the response that has begun. */
  breakOff (failure: Failure): void
  /** Policies are what failed: answer past them. */
  answerPlainly (failure: Failure): void
  /** The response has begun and cannot go on. */
  cut (reason: string): void
  /** After a switch of protocols, everything has ended. */
  tunnelEnded (result: TunnelResult): void
  /** A policy is waited for, or no longer; false: the transaction has ended meanwhile. */
  deciding (pending: boolean): boolean
  /** Whether the connection closes with the response; `must`: it has to. */
  closes (must: boolean): boolean
}

export interface ForwardingParts {
  readonly owner: ForwardingOwner
  readonly client: Client
  readonly body: BodySource
  readonly writer: ResponseWriter
  readonly exchange: HttpExchange
  readonly chain: Chain
  /** The request head as a target of this authority sees it. */
  readonly head: (authority: string) => string
  readonly upstream: LiveUpstream
  /** The request asks the target to switch protocols. */
  readonly upgrade: boolean
  /** Of the route; null: the upstream's. */
  readonly timeout: number | null
  /** Bytes the request body may have, or null. */
  readonly bodyLimit: number | null
  readonly bodyTimeout: number
}

/** How long nothing may pass through a tunnel, in milliseconds, where `timeouts.idle` is not longer: its protocol has its own idea of being alive. */
const quietTunnel = 3_600_000

/** What came of a response while its policies were deciding. */
interface Held {
  readonly parts: Buffer[]
  trailers: readonly string[] | undefined
  failure: Failure | undefined
}

/** Behind trusted proxies the client is another than the peer, and its port is not known. */
function endsOf ({ clientAddress }: HttpExchange, ends: ConnectionEnds): ConnectionEnds {
  return clientAddress === ends.address ? ends : { ...ends, address: clientAddress, port: 0 }
}

/** The way of one request to a target and of its response to the client. */
export class Forwarding implements ForwardCall, BodyEvents {
  readonly bodyless: boolean
  readonly replayable: boolean
  readonly switches: boolean
  readonly responseTimeout: number
  readonly totalTimeout: number
  readonly exchange: HttpExchange
  readonly client: ConnectionEnds
  sentAt = 0
  readonly #parts: ForwardingParts
  readonly #body: RequestBody | undefined
  readonly #forward: Forward
  #connection: TargetConnection | undefined
  #held: Held | undefined

  constructor (parts: ForwardingParts) {
    const { exchange, upstream, timeout } = parts
    const { method, requestHead: { chunked, contentLength } } = exchange
    const hasBody = chunked || contentLength > 0
    this.#parts = parts
    this.exchange = exchange
    this.client = upstream.options.proxyProtocol === null ? parts.client.ends : endsOf(exchange, parts.client.ends)
    this.bodyless = method === 'HEAD'
    this.replayable = !hasBody && isIdempotent(method)
    this.switches = parts.upgrade
    this.responseTimeout = timeout ?? upstream.options.timeouts.response
    this.totalTimeout = timeout ?? upstream.options.timeouts.total
    this.#body = hasBody ? new RequestBody(parts.body, chunked, parts.bodyLimit ?? Infinity, this) : undefined
    this.#forward = new Forward(upstream, this)
  }

  start (): void { this.#forward.start() }

  /** Lets go of the upstream. Nothing is heard of it any more. */
  stop (): void {
    this.#body?.stop()
    this.#forward.stop()
    this.#connection = undefined
  }

  /** The client takes more of the response. */
  resume (): void { this.#connection?.resume() }

  ready (connection: TargetConnection): void {
    this.#connection = connection
    const head = this.#parts.head(connection.authority)
    if (this.#body !== undefined) return this.#body.start(connection, head, this.exchange.requestHead.expectsContinue)
    connection.write(head)
    connection.requestEnded()
  }

  keepBody (limit: number): void { this.#body?.keep(limit) }

  rewind (): boolean {
    this.#connection = undefined
    return this.#body?.rewind() ?? true
  }

  answeredBy (connection: TargetConnection): void { this.#connection = connection }

  drained (): void { this.#body?.resume() }

  informational (head: ResponseHead): void {
    if (head.status !== 100 || this.#parts.exchange.requestHead.expectsContinue) this.#parts.writer.informational(head)
  }

  switched (head: ResponseHead): void {
    const { exchange, chain, owner } = this.#parts
    exchange.status = head.status
    exchange.responseFields = responseFields(head, exchange.snapshot.name, false)
    const decision = chain.response(exchange)
    if (!(decision instanceof Promise)) return this.#tunnel(decision)
    owner.deciding(true)
    void decision.then((late) => { if (owner.deciding(false)) this.#tunnel(late) })
  }

  head (head: ResponseHead, followed: boolean): void {
    const { exchange, chain, owner, writer } = this.#parts
    exchange.status = head.status
    const trailing = exchange.requestHead.trailers && head.chunked && !this.bodyless && head.status !== 304
    const text = trailing || writer.headText === undefined ? undefined : responseText(head, exchange.snapshot.name)
    if (text !== undefined) exchange.takeResponseText(text)
    else exchange.responseFields = responseFields(head, exchange.snapshot.name, trailing)
    const written = text ?? head.reason()
    const decision = chain.response(exchange)
    if (!(decision instanceof Promise)) return this.#begin(decision, written, followed)
    owner.deciding(true)
    this.#held = { parts: [], trailers: undefined, failure: undefined }
    this.#connection?.pause()
    void decision.then((late) => { if (owner.deciding(false)) this.#release(late, written) })
  }

  data (bytes: Buffer, start: number, end: number, last: boolean): void {
    if (this.#held !== undefined) this.#held.parts.push(Buffer.from(bytes.subarray(start, end)))
    else if (!this.#parts.writer.write(bytes, start, end, last && !this.#mustLinger(), this.#connection)) this.#connection?.pause()
  }

  end (trailers: readonly string[]): void {
    this.#connection = undefined
    if (this.#held !== undefined) this.#held.trailers = trailers
    else this.#finish(trailers)
  }

  failed (failure: Failure): void {
    this.#connection = undefined
    this.#body?.stop()
    if (this.#held !== undefined) this.#held.failure = failure
    else if (this.#parts.writer.begun) this.#parts.owner.cut(failure.kind)
    else this.#parts.owner.answer(failure)
  }

  awaiting (): void { this.#parts.client.awaitBody(this.#parts.bodyTimeout) }

  satisfied (): void { this.#parts.client.bodyArrived() }

  ended (): void { this.sentAt = this.#parts.upstream.clock.now() }

  tooLarge (): void { this.#parts.owner.breakOff({ kind: 'body-too-large', limit: this.#parts.bodyLimit! }) }

  #tunnel (failure: Failure | undefined): void {
    const { exchange, owner, client, upstream } = this.#parts
    const connection = this.#connection
    if (failure !== undefined || connection === undefined) {
      this.stop()
      return owner.answerPlainly(failure ?? { kind: 'internal', detail: 'the connection is gone' })
    }
    client.switchProtocols(exchange.editedResponse(), exchange.requestHead.upgrade!, connection, Math.max(quietTunnel, upstream.options.timeouts.idle), (result) => {
      this.#forward.stop()
      owner.tunnelEnded(result)
    })
  }

  /** `head`: the response's head as it goes out, or the reason phrase of one that is told by its fields. */
  #begin (failure: Failure | undefined, head: ResponseText | string, followed: boolean): void {
    const { exchange, writer, owner } = this.#parts
    if (failure !== undefined) {
      this.stop()
      return owner.answerPlainly(failure)
    }
    const close = owner.closes(this.#mustLinger())
    if (typeof head !== 'string' && !exchange.responseEdited) writer.headText!(exchange.status, head, close)
    else writer.head(exchange.status, typeof head === 'string' ? head : reasonOfText(head), exchange.editedResponse(), close)
    if (!followed) writer.flush()
  }

  /** The policies have decided on a response that was held back meanwhile. */
  #release (failure: Failure | undefined, head: ResponseText | string): void {
    const { parts, trailers, failure: lost } = this.#held!
    this.#held = undefined
    const problem = failure ?? (parts.length === 0 ? lost : undefined)
    this.#begin(problem, head, parts.length > 0 || trailers !== undefined)
    if (problem !== undefined) return
    for (const part of parts) this.#parts.writer.write(part, 0, part.length, false, undefined)
    if (lost !== undefined) this.#parts.owner.cut(lost.kind)
    else if (trailers !== undefined) this.#finish(trailers)
    else this.#connection?.resume()
  }

  #finish (trailers: readonly string[]): void {
    const { client, body, writer, exchange } = this.#parts
    this.#body?.stop()
    const end = (): void => writer.end(exchange.requestHead.trailers ? trailers : [])
    if (this.#mustLinger()) client.linger(body, end)
    else end()
  }

  /** The response is complete long before the request: the connection must close, but not before the client could read the response. */
  #mustLinger (): boolean {
    if (this.#body === undefined || this.#parts.body.complete) return false
    const { contentLength, expectsContinue } = this.#parts.exchange.requestHead
    return expectsContinue || !this.#parts.client.canDrain(contentLength)
  }
}
