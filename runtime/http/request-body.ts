import type { TargetConnection } from '../upstream/target-connection.ts'
import { giveBack } from '../upstream/memory.ts'
import type { BodySink, BodySource } from './client.ts'

/** What a body tells its transaction. */
export interface BodyEvents {
  /** The client is waited for: it must send within the body timeout. */
  awaiting (): void
  /** The client is not waited for: the body is complete, or the upstream is slower. */
  satisfied (): void
  tooLarge (): void
  /** All of it has been received. */
  ended (): void
}

/** Parts up to this size become text with the head; others leave in one write with it as they are. */
const textSize = 8 * 1024

/** Streams the body of a request to a target, with back-pressure, framed anew. Where it may have to be sent again, its beginning is kept. */
export class RequestBody implements BodySink {
  readonly #source: BodySource
  readonly #chunked: boolean
  readonly #limit: number
  readonly #events: BodyEvents
  #connection: TargetConnection | undefined
  /** The head, until it leaves with the first part of the body. */
  #head = ''
  #received = 0
  #listening = false
  #ended = false
  /** What has been received, while it may be sent again. */
  #kept: Buffer[] | undefined
  #keepUpTo = 0

  constructor (source: BodySource, chunked: boolean, limit: number, events: BodyEvents) {
    this.#source = source
    this.#chunked = chunked
    this.#limit = limit
    this.#events = events
  }

  /** Keeps what is received, as long as it is no more than this. */
  keep (bytes: number): void {
    this.#keepUpTo = bytes
    this.#kept = []
  }

  /** Writes the head and whatever of the body is there, then the rest as it comes. With `now`, the head does not wait for the body. */
  start (connection: TargetConnection, head: string, now: boolean): void {
    this.#connection = connection
    this.#head = head
    if (!this.#listening) {
      this.#listening = true
      this.#events.awaiting()
      this.#source.read(this)
      if (now) this.#flush()
      // What came in one packet with the head is read before this.
      else process.nextTick(this.#flush)
      return
    }
    let flowing = true
    for (const part of this.#kept ?? []) flowing = this.#send(part)
    if (this.#ended) return this.#finish()
    if (now || this.#received === 0) this.#flush()
    if (flowing) this.resume()
  }

  /** The connection is lost. Whether all of the body can be sent on another one. */
  rewind (): boolean {
    this.#connection = undefined
    this.#head = ''
    if (this.#received > 0 && this.#kept === undefined) return false
    if (this.#listening && !this.#ended) {
      this.#source.pause()
      this.#events.satisfied()
    }
    return true
  }

  /** The target takes more. */
  resume (): void {
    if (this.#connection === undefined || !this.#source.paused) return
    this.#events.awaiting()
    this.#source.resume()
  }

  /** Sends nothing more. What the client still sends is nobody's. */
  stop (): void {
    this.#connection = undefined
    this.#kept = undefined
    if (!this.#listening) return
    this.#listening = false
    this.#source.leave()
    this.#events.satisfied()
  }

  readonly #flush = (): void => {
    if (this.#head === '') return
    this.#connection?.write(this.#head)
    this.#head = ''
  }

  data (part: Buffer): void {
    this.#received += part.length
    if (this.#received > this.#limit) {
      this.stop()
      this.#events.tooLarge()
      return
    }
    if (this.#kept !== undefined) {
      if (this.#received <= this.#keepUpTo) this.#kept.push(part)
      else this.#kept = undefined
    }
    if (this.#connection === undefined || this.#send(part)) this.#events.awaiting()
    else {
      this.#source.pause()
      this.#events.satisfied()
    }
  }

  #send (part: Buffer): boolean {
    const connection = this.#connection!
    if (!connection.framed) {
      this.#flush()
      return this.#write(connection, part)
    }
    const before = this.#chunked ? `${this.#head}${part.length.toString(16)}\r\n` : this.#head
    this.#head = ''
    if (part.length <= textSize) return connection.write(`${before}${part.toString('latin1')}${this.#chunked ? '\r\n' : ''}`)
    if (before !== '') connection.write(before)
    const flowing = this.#write(connection, part)
    return this.#chunked ? connection.write('\r\n') : flowing
  }

  /** What will not be sent again goes back to where it came from. */
  #write (connection: TargetConnection, part: Buffer): boolean {
    return this.#kept === undefined ? connection.write(part, () => { giveBack(part) }) : connection.write(part)
  }

  end (): void {
    this.#ended = true
    this.#events.ended()
    if (this.#connection !== undefined) this.#finish()
  }

  #finish (): void {
    const connection = this.#connection!
    if (this.#chunked && connection.framed) connection.write(`${this.#head}0\r\n\r\n`)
    else if (this.#head !== '') connection.write(this.#head)
    this.#head = ''
    this.#events.satisfied()
    connection.requestEnded()
  }
}
