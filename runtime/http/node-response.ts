import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TargetConnection } from '../upstream/target-connection.ts'
import { giveBack } from '../upstream/memory.ts'
import { unarmed } from '../upstream/timeouts.ts'
import type { Timed, Timeouts } from '../upstream/timeouts.ts'
import type { ResponseHead } from '../upstream/response-head.ts'
import { fieldValue, isName } from './fields.ts'
import { resetConnection } from './reset.ts'
import { responseTrailers } from './response-fields.ts'
import type { ResponseWriter, WriterEvents } from './response-writer.ts'

/** Parts up to this size are sent as text, which leaves in one write with the head. */
const textSize = 14 * 1024

function endResponse (writer: NodeResponse): void { writer.endNow() }

/** Writes a response of the full lane. */
export class NodeResponse implements ResponseWriter, Timed {
  readonly timer = unarmed()
  continued = false
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #timeouts: Timeouts
  readonly #stallTimeout: number
  readonly #events: WriterEvents
  #onDrain: (() => void) | undefined
  #closeDelimited = false
  #ending = false

  constructor (req: IncomingMessage, res: ServerResponse, timeouts: Timeouts, stallTimeout: number, events: WriterEvents) {
    this.#req = req
    this.#res = res
    this.#timeouts = timeouts
    this.#stallTimeout = stallTimeout
    this.#events = events
    res.on('finish', () => events.finished())
  }

  get begun (): boolean { return this.#res.headersSent }
  get ended (): boolean { return this.#ending || this.#res.writableEnded }

  informational (head: ResponseHead): void {
    if (this.#req.httpVersionMinor === 0 || this.#res.destroyed || this.begun) return
    if (head.status === 100) {
      this.continued = true
      this.#res.writeContinue()
    }
    if (head.status !== 103) return
    const raw = head.rawFields()
    const link = raw.filter((_, i) => i % 2 === 1 && isName(raw[i - 1]!, 'link'))
    try {
      this.#res.writeEarlyHints({ link })
    } catch {
      // Links that Node does not take as such: hints are optional, the response is not affected.
    }
  }

  head (status: number, reason: string, fields: readonly string[], close: boolean): void {
    const res = this.#res
    const raw = fields as string[]
    const bodyless = this.#req.method === 'HEAD' || status === 204 || status === 304
    if (this.#req.httpVersionMinor === 0 && !bodyless) this.#closeDelimited = fieldValue(fields, 'content-length') === undefined
    if (close || this.#closeDelimited) res.writeHead(status, reason, raw.concat('Connection', 'close'))
    else if (this.#req.httpVersionMinor === 0) res.writeHead(status, reason, raw.concat('Connection', 'keep-alive'))
    else {
      res.removeHeader('connection') // persistence is the default of HTTP/1.1: say nothing
      res.writeHead(status, reason, raw)
    }
  }

  flush (): void { this.#res.flushHeaders() }

  write (bytes: Buffer, start: number, end: number, last: boolean, connection: TargetConnection | undefined): boolean {
    const flowing = this.#send(bytes, start, end, connection)
    if (!last) return flowing || this.#wait()
    // In the next tick what is written has left: ending now would put an empty part into the same write, and make it a slower one.
    this.#ending = true
    process.nextTick(endResponse, this)
    return true
  }

  #send (bytes: Buffer, start: number, end: number, connection: TargetConnection | undefined): boolean {
    if (end - start <= textSize) return this.#res.write(bytes.toString('latin1', start, end), 'latin1')
    if (connection === undefined) return this.#res.write(Buffer.from(bytes.subarray(start, end)))
    const part = connection.keep(bytes, start, end)
    return this.#res.write(part, (error) => { if (error == null) giveBack(part) })
  }

  end (trailers: readonly string[]): void {
    if (this.ended) return
    if (trailers.length > 0 && this.#req.httpVersionMinor === 1) this.#res.addTrailers(responseTrailers(trailers))
    this.endNow()
  }

  /** Ends the response; until the client has taken it, time runs. */
  endNow (): void {
    if (this.#res.destroyed) return
    this.#res.end()
    if (!this.#res.writableFinished) this.#timeouts.arm(this, this.#stallTimeout)
  }

  reply (status: number, text: string, fields: readonly string[], close: boolean, hold: boolean): void {
    const body = Buffer.from(text)
    const bodyless = status === 204 || status === 304
    this.head(status, STATUS_CODES[status] ?? '', bodyless ? fields : fields.concat('Content-Length', String(body.length)), close)
    if (hold) {
      if (body.length > 0) this.#res.write(body)
      else this.flush()
    } else if (bodyless) this.endNow()
    else this.write(body, 0, body.length, true, undefined)
  }

  cut (): void {
    this.#timeouts.disarm(this)
    const { socket } = this.#req
    if (this.#closeDelimited) resetConnection(socket)
    else socket.destroy()
  }

  release (): void {
    this.#timeouts.disarm(this)
    if (this.#onDrain !== undefined) this.#res.off('drain', this.#onDrain)
  }

  expired (): void { this.#events.stalled() }

  #wait (): false {
    if (this.#onDrain === undefined) {
      this.#onDrain = () => {
        this.#timeouts.disarm(this)
        this.#events.drained()
      }
      this.#res.on('drain', this.#onDrain)
    }
    this.#timeouts.arm(this, this.#stallTimeout)
    return false
  }
}
