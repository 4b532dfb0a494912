import { STATUS_CODES } from 'node:http'
import { isName } from '../http/fields.ts'
import { responseTrailers } from '../http/response-fields.ts'
import type { ResponseText } from '../http/response-fields.ts'
import type { ResponseWriter, WriterEvents } from '../http/response-writer.ts'
import type { TargetConnection } from '../upstream/target-connection.ts'
import { largestStaged } from '../upstream/direct-write.ts'
import { giveBack } from '../upstream/memory.ts'
import type { ResponseHead } from '../upstream/response-head.ts'
import { unarmed } from '../upstream/timeouts.ts'
import type { Timed, Timeouts } from '../upstream/timeouts.ts'
import { dateText } from './date.ts'
import type { WireSocket } from './wire-socket.ts'

/** Writes a response of the wire lane. Head and first part of the body leave in one write. */
export class WireResponse implements ResponseWriter, Timed {
  readonly timer = unarmed()
  continued = false
  begun = false
  ended = false
  readonly #socket: WireSocket
  readonly #bodyless: boolean
  readonly #timeouts: Timeouts
  readonly #stallTimeout: number
  readonly #events: WriterEvents
  /** The head, until it leaves with the first part of the body. */
  #head = ''
  #chunked = false
  #released = false

  /** `bodyless`: the method is HEAD. */
  constructor (socket: WireSocket, bodyless: boolean, timeouts: Timeouts, stallTimeout: number, events: WriterEvents) {
    this.#socket = socket
    this.#bodyless = bodyless
    this.#timeouts = timeouts
    this.#stallTimeout = stallTimeout
    this.#events = events
  }

  informational (head: ResponseHead): void {
    if (this.begun) return
    if (head.status === 100) {
      this.continued = true
      this.#socket.writeText('HTTP/1.1 100 Continue\r\n\r\n')
    }
    if (head.status !== 103) return
    const raw = head.rawFields()
    let text = ''
    for (let i = 0; i < raw.length; i += 2) if (isName(raw[i]!, 'link') && isLink(raw[i + 1]!)) text += `Link: ${raw[i + 1]!}\r\n`
    if (text !== '') this.#socket.writeText(`HTTP/1.1 103 Early Hints\r\n${text}\r\n`)
  }

  head (status: number, reason: string, fields: readonly string[], close: boolean): void {
    let text = `HTTP/1.1 ${status} ${reason}\r\n`
    let dated = false
    let sized = false
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i]!
      if (name.length === 4 && isName(name, 'date')) dated = true
      else if (name.length === 14 && isName(name, 'content-length')) sized = true
      text += `${name}: ${fields[i + 1]!}\r\n`
    }
    this.#begin(status, text, dated, sized, close)
  }

  headText (status: number, { text, dated, sized }: ResponseText, close: boolean): void {
    this.#begin(status, text, dated, sized, close)
  }

  flush (): void {
    if (this.#head === '') return
    const text = this.#head
    this.#head = ''
    this.#socket.writeText(text)
  }

  write (bytes: Buffer, start: number, end: number, last: boolean, connection: TargetConnection | undefined): boolean {
    const size = end - start
    if (size === 0) return true
    if (size <= largestStaged && this.#head.length <= largestStaged) {
      const before = this.#head
      this.#head = ''
      if (last) this.ended = true
      const flowing = this.#chunked
        ? this.#socket.writeStaged(`${before}${size.toString(16)}\r\n`, bytes, start, end, last ? '\r\n0\r\n\r\n' : '\r\n')
        : this.#socket.writeStaged(before, bytes, start, end, '')
      if (last) this.#settle()
      return flowing || last || this.#wait()
    }
    if (this.#chunked) this.#head += `${size.toString(16)}\r\n`
    this.flush()
    const part = connection === undefined ? Buffer.from(bytes.subarray(start, end)) : connection.keep(bytes, start, end)
    let flowing = this.#socket.writeBytes(part, () => { giveBack(part) })
    if (this.#chunked) flowing = this.#socket.writeText(last ? '\r\n0\r\n\r\n' : '\r\n')
    if (last) {
      this.ended = true
      this.#settle()
    }
    return flowing || last || this.#wait()
  }

  end (trailers: readonly string[]): void {
    if (this.ended) return
    this.ended = true
    if (this.#chunked) this.#head += `0\r\n${trailerText(trailers)}\r\n`
    this.flush()
    this.#settle()
  }

  reply (status: number, text: string, fields: readonly string[], close: boolean, hold: boolean): void {
    const body = Buffer.from(text)
    const bodyless = status === 204 || status === 304
    this.head(status, STATUS_CODES[status] ?? '', bodyless ? fields : fields.concat('Content-Length', String(body.length)), close)
    if (!bodyless && !this.#bodyless && body.length > 0) this.write(body, 0, body.length, !hold, undefined)
    else this.flush()
    if (!hold) this.end([])
  }

  cut (): void {
    this.#timeouts.disarm(this)
    this.#socket.destroy()
  }

  release (): void {
    this.#released = true
    this.#timeouts.disarm(this)
    this.#socket.onDrain = undefined
  }

  expired (): void { this.#events.stalled() }

  /** Adds to status line and fields what is the connection's, and keeps the head until it leaves with the first part of the body. */
  #begin (status: number, fields: string, dated: boolean, sized: boolean, close: boolean): void {
    this.begun = true
    let text = fields
    if (close) text += 'Connection: close\r\n'
    if (!dated) text += `Date: ${dateText(Date.now())}\r\n`
    this.#chunked = !sized && !this.#bodyless && status !== 204 && status !== 304
    if (this.#chunked) text += 'Transfer-Encoding: chunked\r\n'
    this.#head = `${text}\r\n`
  }

  /** Until the client has taken all of it, time runs. */
  #settle (): void {
    if (this.#socket.settled) return this.#events.finished()
    this.#timeouts.arm(this, this.#stallTimeout)
    this.#socket.whenSettled(() => { if (!this.#released) this.#events.finished() })
  }

  #wait (): false {
    this.#socket.onDrain ??= () => {
      this.#timeouts.disarm(this)
      this.#events.drained()
    }
    this.#timeouts.arm(this, this.#stallTimeout)
    return false
  }
}

/** A `Link` that a browser acts on; hints are optional. */
function isLink (value: string): boolean {
  return /^<[^>]*>(?:\s*;[^,]*)*(?:,\s*<[^>]*>(?:\s*;[^,]*)*)*$/.test(value)
}

function trailerText (trailers: readonly string[]): string {
  return trailers.length === 0 ? '' : responseTrailers(trailers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
}
