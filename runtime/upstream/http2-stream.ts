import { constants } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'
import type { Failure } from '../../schema/failure.ts'
import { invariant } from '../../schema/invariant.ts'
import type { TunnelEnd } from '../tunnel/tunnel-end.ts'
import type { Call } from './call.ts'
import type { PoolOptions } from './pool.ts'
import { ResponseHead } from './response-head.ts'
import type { TargetConnection } from './target-connection.ts'
import { unarmed } from './timeouts.ts'
import type { Timed, Timeouts } from './timeouts.ts'

export interface Http2StreamOptions {
  readonly options: PoolOptions
  readonly authority: string
  readonly timeouts: Timeouts
  /** Told once, whatever became of it. */
  readonly ended: () => void
}

/** Heads are looked at during a call only: one instance serves all streams. */
const responseHead = new ResponseHead()

/** Fields of a connection of HTTP/1.1 (RFC 9113 §8.2.2). */
const connectionFields: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'host'])

/** One call as a stream of HTTP/2. The stream is opened when it is known whether a body follows the head, or a turn later. */
export class Http2Stream implements TargetConnection, Timed {
  readonly timer = unarmed()
  readonly authority: string
  readonly framed = false
  readonly #session: ClientHttp2Session
  readonly #call: Call
  readonly #options: Http2StreamOptions
  #head: string | undefined
  #stream: ClientHttp2Stream | undefined
  #requestDone = false
  #answered = false
  #over = false
  #trailers: string[] = []

  constructor (session: ClientHttp2Session, call: Call, options: Http2StreamOptions) {
    this.authority = options.authority
    this.#session = session
    this.#call = call
    this.#options = options
  }

  write (data: string | Buffer, done?: () => void): boolean {
    if (this.#over) return true
    if (this.#head === undefined && this.#stream === undefined) {
      this.#head = data as string
      process.nextTick(() => { this.#open(false) })
      return true
    }
    this.#open(false)
    if (this.#stream === undefined) return true
    const flowing = typeof data === 'string' ? this.#stream.write(data, 'latin1') : this.#stream.write(data, done)
    if (!flowing && !this.#answered) this.#options.timeouts.arm(this, this.#options.options.timeouts.idle)
    return flowing
  }

  requestEnded (): void {
    if (this.#over) return
    this.#requestDone = true
    if (this.#head !== undefined) this.#open(true)
    else this.#stream?.end()
    if (!this.#answered) this.#options.timeouts.arm(this, this.#call.responseTimeout)
  }

  pause (): void {
    this.#options.timeouts.disarm(this)
    this.#stream?.pause()
  }

  resume (): void {
    if (this.#answered && !this.#over) this.#options.timeouts.arm(this, this.#options.options.timeouts.idle)
    this.#stream?.resume()
  }

  keep (bytes: Buffer, start: number, end: number): Buffer { return bytes.subarray(start, end) }

  abort (): void {
    if (!this.#finish()) return
    this.#stream?.close(constants.NGHTTP2_CANCEL)
  }

  takeOver (): TunnelEnd { invariant(false, 'a stream of HTTP/2 does not switch protocols') }

  expired (): void {
    const { options: { upstream, timeouts }, authority: target } = this.#options
    if (!this.#requestDone && !this.#answered) this.#fail({ kind: 'upstream-reset', upstream, target, detail: `took nothing of the request for ${timeouts.idle} ms` })
    else this.#fail({ kind: 'response-timeout', upstream, target })
  }

  #open (endStream: boolean): void {
    const head = this.#head
    this.#head = undefined
    if (head === undefined || this.#over) return
    let stream: ClientHttp2Stream
    try {
      stream = this.#session.request(headersOf(head, this.#options.options.target.scheme), { endStream })
    } catch (error) {
      // The session has gone in the meantime: nothing has been sent.
      const { options: { upstream }, authority: target } = this.#options
      return this.#fail({ kind: 'refused-stream', upstream, target, detail: (error as NodeJS.ErrnoException).code ?? 'closed' })
    }
    this.#stream = stream
    stream.on('headers', (_fields: IncomingHttpHeaders, _flags: number, raw: readonly string[]) => { if (this.#parse(raw, true)) this.#call.informational(responseHead) })
    stream.on('response', (_fields: IncomingHttpHeaders, flags: number, raw: readonly string[]) => { this.#respond(raw, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) })
    stream.on('trailers', (_fields: IncomingHttpHeaders, _flags: number, raw: readonly string[]) => { this.#trailers = raw as string[] })
    stream.on('data', (part: Buffer) => {
      if (this.#over) return
      this.#call.data(part, 0, part.length, false)
      if (!this.#over && !stream.isPaused()) this.#options.timeouts.arm(this, this.#options.options.timeouts.idle)
    })
    stream.on('end', () => { if (this.#answered && stream.rstCode === constants.NGHTTP2_NO_ERROR) this.#complete() })
    stream.on('drain', () => {
      if (this.#over) return
      if (!this.#answered && !this.#requestDone) this.#options.timeouts.disarm(this)
      this.#call.drained()
    })
    stream.on('error', () => {}) // `close` follows
    stream.on('close', () => { this.#lost(stream.rstCode) })
  }

  #respond (raw: readonly string[], last: boolean): void {
    if (this.#over) return
    if (!this.#parse(raw, last)) {
      const { options: { upstream }, authority: target } = this.#options
      return this.#fail({ kind: 'upstream-invalid', upstream, target, detail: responseHead.fault })
    }
    this.#answered = true
    this.#options.timeouts.arm(this, this.#options.options.timeouts.idle)
    this.#call.head(responseHead, last)
  }

  /** Reads a head as the one of HTTP/1.1 that says the same. */
  #parse (raw: readonly string[], last: boolean): boolean {
    let text = ''
    let status = ''
    let sized = false
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i]!
      if (name === ':status') status = raw[i + 1]!
      else if (!name.startsWith(':') && !connectionFields.has(name)) text += `${name}: ${raw[i + 1]!}\r\n`
      sized ||= name === 'content-length'
    }
    const framing = sized || last ? '' : 'transfer-encoding: chunked\r\n'
    const bytes = Buffer.from(`HTTP/1.1 ${status} \r\n${text}${framing}\r\n`, 'latin1')
    const parsed = responseHead.parse(bytes, 0, bytes.length) === 'complete'
    responseHead.version = '2.0'
    return parsed
  }

  #complete (): void {
    const stream = this.#stream!
    if (!this.#finish()) return
    // The rest of the request is nobody's any more.
    if (!this.#requestDone) stream.close(constants.NGHTTP2_NO_ERROR)
    this.#call.end(this.#trailers)
  }

  #lost (code: number | undefined): void {
    if (this.#over) return
    const { options: { upstream }, authority: target } = this.#options
    const detail = `stream closed with code ${code ?? 'unknown'}`
    if (code === constants.NGHTTP2_REFUSED_STREAM && !this.#answered) this.#fail({ kind: 'refused-stream', upstream, target, detail })
    else this.#fail({ kind: 'upstream-reset', upstream, target, detail })
  }

  #fail (failure: Failure): void {
    if (!this.#finish()) return
    this.#stream?.close(constants.NGHTTP2_CANCEL)
    this.#call.failed(failure)
  }

  /** True the first time. */
  #finish (): boolean {
    if (this.#over) return false
    this.#over = true
    this.#options.timeouts.disarm(this)
    this.#options.ended()
    return true
  }
}

/** A head that we have written as HTTP/1.1, as fields of HTTP/2. */
function headersOf (head: string, scheme: string): OutgoingHttpHeaders {
  const [line = '', ...lines] = head.split('\r\n')
  const [method = '', path = ''] = line.split(' ')
  const headers: OutgoingHttpHeaders = { ':method': method, ':scheme': scheme, ':path': path }
  for (const field of lines) {
    const colon = field.indexOf(': ')
    if (colon < 0) continue
    const name = field.slice(0, colon).toLowerCase()
    const value = field.slice(colon + 2)
    if (name === 'host') headers[':authority'] = value
    else if (!connectionFields.has(name)) {
      const known = headers[name]
      headers[name] = known === undefined ? value : name === 'cookie' ? `${String(known)}; ${value}` : `${String(known)}, ${value}`
    }
  }
  return headers
}
