import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { fieldValue } from '../http/fields.ts'
import { responseTrailers } from '../http/response-fields.ts'
import type { ResponseWriter, WriterEvents } from '../http/response-writer.ts'
import type { TargetConnection } from '../upstream/target-connection.ts'
import { giveBack } from '../upstream/memory.ts'
import type { ResponseHead } from '../upstream/response-head.ts'
import { unarmed } from '../upstream/timeouts.ts'
import type { Timed, Timeouts } from '../upstream/timeouts.ts'

export interface Http2ResponseOptions {
  /** The method is HEAD. */
  readonly bodyless: boolean
  /** The client takes trailers. */
  readonly trailers: boolean
  readonly timeouts: Timeouts
  /** How long the client may take nothing, in milliseconds. */
  readonly stallTimeout: number
  readonly events: WriterEvents
}

/** Fields that HTTP/2 does not know. */
const forbidden: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings', 'te'])

/** Writes a response to a stream of HTTP/2. */
export class Http2Response implements ResponseWriter, Timed {
  readonly timer = unarmed()
  continued = false
  begun = false
  ended = false
  readonly #stream: ServerHttp2Stream
  readonly #options: Http2ResponseOptions
  #trailers: OutgoingHttpHeaders = {}
  #onDrain: (() => void) | undefined

  constructor (stream: ServerHttp2Stream, options: Http2ResponseOptions) {
    this.#stream = stream
    this.#options = options
    // A stream that the client has closed finishes too.
    stream.once('finish', () => { if (this.ended) options.events.finished() })
    if (options.trailers) stream.on('wantTrailers', () => { if (!stream.destroyed) stream.sendTrailers(this.#trailers) })
  }

  informational (head: ResponseHead): void {
    if (this.#stream.destroyed || this.begun) return
    if (head.status === 100) {
      this.continued = true
      this.#stream.additionalHeaders({ ':status': 100 })
    }
    if (head.status !== 103) return
    const link = fieldValue(head.rawFields(), 'link')
    if (link !== undefined) this.#stream.additionalHeaders({ ':status': 103, link })
  }

  head (status: number, _reason: string, fields: readonly string[]): void {
    this.begun = true
    if (this.#stream.destroyed) return
    const headers: OutgoingHttpHeaders = { ':status': status }
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i]!.toLowerCase()
      const value = fields[i + 1]!
      const known = headers[name]
      if (forbidden.has(name)) continue
      if (known === undefined) headers[name] = name === 'set-cookie' ? [value] : value
      else if (Array.isArray(known)) known.push(value)
      else if (!single.has(name)) headers[name] = `${String(known)}, ${value}`
    }
    const bodyless = this.#options.bodyless || status === 204 || status === 304
    this.#stream.respond(headers, { endStream: bodyless, waitForTrailers: !bodyless && this.#options.trailers })
    if (bodyless) this.#end()
  }

  flush (): void {}

  write (bytes: Buffer, start: number, end: number, last: boolean, connection: TargetConnection | undefined): boolean {
    if (this.#stream.destroyed || this.ended || start === end) return true
    const part = connection === undefined ? Buffer.from(bytes.subarray(start, end)) : connection.keep(bytes, start, end)
    const flowing = this.#stream.write(part, () => { giveBack(part) })
    if (!last) return flowing || this.#wait()
    this.#end()
    return true
  }

  end (trailers: readonly string[]): void {
    if (this.ended) return
    this.#trailers = Object.fromEntries(responseTrailers(trailers).map(([name, value]) => [name.toLowerCase(), value]))
    this.#end()
  }

  reply (status: number, text: string, fields: readonly string[], close: boolean, hold: boolean): void {
    const body = Buffer.from(text)
    const bodyless = status === 204 || status === 304
    this.head(status, '', bodyless ? fields : fields.concat('content-length', String(body.length)))
    if (!bodyless && !this.#options.bodyless) this.write(body, 0, body.length, false, undefined)
    if (!hold || close) this.#end()
  }

  cut (): void {
    this.#options.timeouts.disarm(this)
    // `close` would end the body properly first.
    this.#stream.destroy(new Error('the response is incomplete'))
  }

  release (): void {
    this.#options.timeouts.disarm(this)
    if (this.#onDrain !== undefined) this.#stream.off('drain', this.#onDrain)
  }

  expired (): void { this.#options.events.stalled() }

  /** Until the client has taken all of it, time runs. */
  #end (): void {
    if (this.ended) return
    this.ended = true
    if (this.#stream.destroyed) return
    this.#stream.end()
    if (!this.#stream.writableFinished) this.#options.timeouts.arm(this, this.#options.stallTimeout)
  }

  #wait (): false {
    if (this.#onDrain === undefined) {
      this.#onDrain = () => {
        this.#options.timeouts.disarm(this)
        this.#options.events.drained()
      }
      this.#stream.on('drain', this.#onDrain)
    }
    this.#options.timeouts.arm(this, this.#options.stallTimeout)
    return false
  }
}

/** Fields that have one value; of several the first counts. */
const single: ReadonlySet<string> = new Set([
  'age', 'authorization', 'content-disposition', 'content-encoding', 'content-language', 'content-length', 'content-location', 'content-md5', 'content-range', 'content-type', 'date', 'etag', 'expires',
  'last-modified', 'location', 'retry-after', 'access-control-allow-credentials', 'access-control-max-age', 'strict-transport-security', 'x-content-type-options',
])
