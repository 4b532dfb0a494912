import type { BodySink, BodySource } from '../http/client.ts'
import { ChunkedDecoder } from '../upstream/chunked.ts'

/** Octets that wait for somebody to take them before the client is slowed down. */
const mostHeld = 64 * 1024

/** The connection that a body comes from. */
export interface BodyFlow {
  /** Stops and continues reading from the client. */
  hold (): void
  release (): void
  /** A part of what is being read, as bytes that stay valid. Whoever is done with them calls `giveBack`. */
  keep (bytes: Buffer, start: number, end: number): Buffer
  /** What comes is no body: where the next request begins is unknown. */
  broken (fault: string): void
}

/** A body, given on as it comes. */
export class WireBody implements BodySource {
  paused = false
  readonly #flow: BodyFlow
  /** Octets to come of a body of known length. */
  #left: number
  readonly #chunks: ChunkedDecoder | undefined
  #sink: BodySink | undefined
  /** Parts that came before anybody asked. */
  #held: Buffer[] = noParts
  #size = 0
  #ended = false

  /** `length`: undefined when it comes in chunks. */
  constructor (flow: BodyFlow, length: number | undefined) {
    this.#flow = flow
    this.#left = length ?? 0
    this.#chunks = length === undefined ? new ChunkedDecoder() : undefined
  }

  get complete (): boolean { return this.#left === 0 && this.#chunks?.done !== false }

  /** Takes what belongs to the body, and returns the position after it. The bytes are valid, and may be moved, during this call only. */
  take (bytes: Buffer, start: number, end: number): number {
    if (this.#chunks !== undefined) return this.#takeChunks(this.#chunks, bytes, start, end)
    const stop = Math.min(end, start + this.#left)
    if (stop === start) return start
    this.#left -= stop - start
    this.#give(bytes, start, stop)
    this.#settle()
    return stop
  }

  #takeChunks (chunks: ChunkedDecoder, bytes: Buffer, start: number, end: number): number {
    if (chunks.fault !== '') return end
    if (chunks.done) return start
    const stop = chunks.decode(bytes, start, end)
    if (chunks.dataEnd > chunks.dataStart) this.#give(bytes, chunks.dataStart, chunks.dataEnd)
    if (chunks.fault !== '') {
      this.#flow.broken(chunks.fault)
      return end
    }
    this.#settle()
    return stop
  }

  #give (bytes: Buffer, start: number, end: number): void {
    const part = this.#flow.keep(bytes, start, end)
    if (this.#sink !== undefined && !this.paused) return this.#sink.data(part)
    if (this.#held === noParts) this.#held = []
    this.#held.push(part)
    this.#size += end - start
    if (this.#size > mostHeld) this.#flow.hold()
  }

  read (sink: BodySink): void {
    this.#sink = sink
    if (!this.paused) this.#drain()
  }

  leave (): void {
    this.#sink = undefined
    this.#held = noParts
    this.#size = 0
  }

  pause (): void {
    this.paused = true
    this.#flow.hold()
  }

  resume (): void {
    this.paused = false
    this.#drain()
  }

  #drain (): void {
    while (this.#held.length > 0 && !this.paused && this.#sink !== undefined) {
      const part = this.#held.shift()!
      this.#size -= part.length
      this.#sink.data(part)
    }
    if (!this.paused) this.#flow.release()
    this.#settle()
  }

  #settle (): void {
    if (this.#ended || !this.complete || this.#held.length > 0 || this.paused || this.#sink === undefined) return
    this.#ended = true
    this.#sink.end()
  }
}

const noParts: Buffer[] = []

/** Of requests without a body. */
export const noBody: BodySource = Object.freeze({
  complete: true,
  paused: false,
  read: (sink: BodySink) => { sink.end() },
  leave: () => {},
  pause: () => {},
  resume: () => {},
})
