import type { BodySink, BodySource } from '../http/client.ts'

/** Octets that wait for somebody to take them before the client is slowed down. */
const mostHeld = 64 * 1024

/** The connection that a body comes from. */
export interface BodyFlow {
  /** Stops and continues reading from the client. */
  hold (): void
  release (): void
  /** A part of what is being read, as bytes that stay valid. Whoever is done with them calls `giveBack`. */
  keep (bytes: Buffer, start: number, end: number): Buffer
}

/** A body of known length, given on as it comes. */
export class WireBody implements BodySource {
  paused = false
  readonly #flow: BodyFlow
  #left: number
  #sink: BodySink | undefined
  /** Parts that came before anybody asked. */
  #held: Buffer[] = noParts
  #size = 0
  #ended = false

  constructor (flow: BodyFlow, length: number) {
    this.#flow = flow
    this.#left = length
  }

  get complete (): boolean { return this.#left === 0 }

  /** Takes what belongs to the body, and returns the position after it. The bytes are valid during this call only. */
  take (bytes: Buffer, start: number, end: number): number {
    const stop = Math.min(end, start + this.#left)
    if (stop === start) return start
    this.#left -= stop - start
    const part = this.#flow.keep(bytes, start, stop)
    if (this.#sink !== undefined && !this.paused) this.#sink.data(part)
    else {
      if (this.#held === noParts) this.#held = []
      this.#held.push(part)
      this.#size += stop - start
      if (this.#size > mostHeld) this.#flow.hold()
    }
    this.#settle()
    return stop
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
    if (this.#ended || this.#left > 0 || this.#held.length > 0 || this.paused || this.#sink === undefined) return
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
