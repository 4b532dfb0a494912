import { METHODS } from 'node:http'
import { constants } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'
import { invariant } from '../../schema/invariant.ts'
import type { Failure } from '../../schema/failure.ts'
import type { Arrival } from '../accept/arrival.ts'
import { acceptHead } from '../http/accept.ts'
import type { Accepted, Limits } from '../http/accept.ts'
import type { BodySink, BodySource, Client } from '../http/client.ts'
import type { ClientRequest } from '../http/client-request.ts'
import type { ListenerContext } from '../http/context.ts'
import { readRequestHead } from '../http/request-head.ts'
import type { ResponseWriter, WriterEvents } from '../http/response-writer.ts'
import type { Transaction } from '../http/transaction.ts'
import type { TrustedProxies } from '../http/trusted-proxies.ts'
import type { Secured } from '../tls/secured.ts'
import type { ConnectionEnds } from '../upstream/proxy-preface.ts'
import { unarmed } from '../upstream/timeouts.ts'
import type { Timed, Timeouts } from '../upstream/timeouts.ts'
import { Http2Response } from './http2-response.ts'

const methods: ReadonlySet<string> = new Set(METHODS.filter((method) => method !== 'CONNECT'))
/** Fields that belong to a connection of HTTP/1.1 (RFC 9113 §8.2.2). */
const connectionFields: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings'])

/** One stream of an HTTP/2 connection, as its transaction needs it: client and request in one. */
export class Http2Request implements Client, ClientRequest, BodySource, Timed {
  readonly timer = unarmed()
  readonly version = '2.0'
  readonly peer: string
  readonly ends: ConnectionEnds
  readonly secured: Secured | undefined
  readonly method: string
  complete: boolean
  paused = false
  readonly #stream: ServerHttp2Stream
  readonly #context: ListenerContext
  readonly #pseudo: ReadonlyMap<string, string>
  /** Names and values in turn, without the pseudo fields. */
  readonly #raw: readonly string[]
  #transaction: Transaction | undefined
  #sink: BodySink | undefined
  #listening = false

  /** `raw`: names and values in turn. `complete`: it has no body. */
  constructor (stream: ServerHttp2Stream, raw: readonly string[], complete: boolean, { peer, ends, secured }: Arrival, context: ListenerContext) {
    const { pseudo, fields } = sort(raw)
    this.peer = peer
    this.ends = ends
    this.secured = secured
    this.method = pseudo.get(':method') ?? ''
    this.complete = complete
    this.#stream = stream
    this.#context = context
    this.#pseudo = pseudo
    this.#raw = fields
  }

  get body (): BodySource { return this }

  serves (transaction: Transaction): void { this.#transaction = transaction }

  accept (limits: Limits, scheme: 'http' | 'https'): Accepted | Failure {
    const { method } = this
    const target = this.#pseudo.get(':path') ?? ''
    if (method === 'CONNECT') return { kind: 'method-not-allowed', allow: [] }
    if (!methods.has(method)) return { kind: 'bad-request', detail: 'unknown method' }
    if (!target.startsWith('/') && target !== '*') return { kind: 'bad-request', detail: 'the request target is no path' }
    for (let i = 0; i < this.#raw.length; i += 2) {
      const name = this.#raw[i]!
      if (connectionFields.has(name) || (name === 'te' && this.#raw[i + 1] !== 'trailers')) return { kind: 'bad-request', detail: 'a field of HTTP/1.1 connections', field: name }
    }
    const authority = this.#pseudo.get(':authority')
    const raw = authority === undefined ? this.#raw : withHost(this.#raw, authority)
    if (raw === undefined) return { kind: 'bad-request', detail: ':authority and Host disagree', field: 'host' }
    const head = readRequestHead(raw, 1, limits.headers + 1)
    if ('kind' in head) return head.kind === 'head-too-large' ? { kind: 'head-too-large', detail: `more than ${limits.headers} fields` } : head
    return acceptHead({ ...head, chunked: !this.complete && head.contentLength < 0 }, { method, target, minor: 1, scheme }, limits)
  }

  respond (timeouts: Timeouts, stallTimeout: number, events: WriterEvents): ResponseWriter {
    const trailers = this.#raw.some((value, i) => i % 2 === 1 && this.#raw[i - 1] === 'te' && value === 'trailers')
    return new Http2Response(this.#stream, { bodyless: this.method === 'HEAD', trailers, timeouts, stallTimeout, events })
  }

  /** The stream is closed. */
  closed (): void {
    this.#context.timeouts.disarm(this)
    this.#transaction?.abandon()
  }

  isTrusted (proxies: TrustedProxies): boolean { return proxies.trusts(this.peer) }

  closeAfterThis (): void {}

  awaitBody (ms: number): void { this.#context.timeouts.arm(this, ms) }

  bodyArrived (): void { this.#context.timeouts.disarm(this) }

  canDrain (): boolean { return true }

  linger (_body: BodySource, done: () => void): void { done() }

  switchProtocols (): void { invariant(false, 'a stream of HTTP/2 does not switch protocols') }

  /** What is left of the body is nobody's: the stream ends (RFC 9113 §8.1). */
  done (): void {
    this.#context.timeouts.disarm(this)
    if (!this.complete && !this.#stream.destroyed) this.#stream.close(constants.NGHTTP2_NO_ERROR)
  }

  expired (): void { this.#transaction?.breakOff({ kind: 'request-timeout', detail: 'the body stopped coming' }) }

  read (sink: BodySink): void {
    this.#sink = sink
    if (this.#listening) return
    if (this.complete) return sink.end()
    this.#listening = true
    this.#stream.on('data', (part: Buffer) => this.#sink?.data(part))
    this.#stream.on('end', () => {
      this.complete = true
      this.#sink?.end()
    })
  }

  leave (): void { this.#sink = undefined }

  pause (): void {
    this.paused = true
    this.#stream.pause()
  }

  resume (): void {
    this.paused = false
    this.#stream.resume()
  }
}

/** Parts pseudo fields from others, and joins what HTTP/2 lets clients split: cookies (RFC 9113 §8.2.3). */
function sort (raw: readonly string[]): { readonly pseudo: ReadonlyMap<string, string>, readonly fields: readonly string[] } {
  const pseudo = new Map<string, string>()
  const fields: string[] = []
  let cookies = -1
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    const value = raw[i + 1]!
    if (name.startsWith(':')) pseudo.set(name, value)
    else if (name === 'cookie' && cookies >= 0) fields[cookies] += `; ${value}`
    else {
      if (name === 'cookie') cookies = fields.length + 1
      fields.push(name, value)
    }
  }
  return { pseudo, fields }
}

/** The authority as the one `Host`; undefined: there is another. */
function withHost (raw: readonly string[], authority: string): readonly string[] | undefined {
  const at = raw.indexOf('host')
  if (at >= 0 && at % 2 === 0) return raw[at + 1]!.toLowerCase() === authority.toLowerCase() ? raw : undefined
  return ['host', authority, ...raw]
}
