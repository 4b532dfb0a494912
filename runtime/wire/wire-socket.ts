import type { Socket } from 'node:net'
import { DirectWriter } from '../upstream/direct-write.ts'
import type { WriterOwner } from '../upstream/direct-write.ts'

/** What a socket tells its connection. */
export interface WireSocketEvents {
  /** Much may come at once: the body of a request, or what passes a tunnel. */
  readonly streaming: boolean
  /** The bytes are valid during this call only. */
  read (bytes: Buffer, start: number, end: number): void
  ended (): void
  closed (failed: boolean): void
}

/** How bytes come out of a socket. */
export interface WireReading {
  /** A part of what is being read, as bytes that stay valid. */
  keep (bytes: Buffer, start: number, end: number): Buffer
  pause (): void
  resume (): void
  /** Makes the socket an ordinary one that still has these bytes to give. */
  restore (bytes: Buffer): void
}

const wire = Symbol('wire')

/** A socket knows its wire socket, so that the same listeners serve all. */
interface Listened extends Socket { [wire]: WireSocket }

const listeners: readonly (readonly [string, (this: Listened) => void])[] = [
  ['end', function () { this[wire].events.ended() }],
  ['close', function () { this[wire].events.closed(this.errored !== null) }],
  ['error', function () {}], // `close` follows
  ['drain', function () { this[wire].drained() }],
]

/** A client's socket as the wire lane reads and writes it. */
export class WireSocket implements WriterOwner {
  readonly socket: Socket
  readonly events: WireSocketEvents
  onDrain: (() => void) | undefined
  readonly writer: DirectWriter
  readonly #reading: WireReading

  constructor (socket: Socket, events: WireSocketEvents, reading: WireReading) {
    this.socket = socket
    this.events = events
    this.#reading = reading
    this.writer = new DirectWriter(socket, this);
    (socket as Listened)[wire] = this
    for (const [name, listener] of listeners) socket.on(name, listener)
  }

  drained (): void { this.onDrain?.() }

  /** Everything written has been taken by the system. */
  get settled (): boolean { return this.writer.settled }

  /** Latin1. False: wait for `onDrain`. */
  writeText (text: string): boolean { return this.writer.text(text) }

  /** Text, bytes and text as one message of at most `largestStaged`; the bytes are not looked at afterwards. False: wait for `onDrain`. */
  writeStaged (before: string, bytes: Buffer, start: number, end: number, after: string): boolean {
    return this.writer.staged(before, bytes, start, end, after)
  }

  /** `done`: the bytes are not looked at any more. */
  writeBytes (bytes: Buffer, done: () => void): boolean { return this.writer.bytes(bytes, done) }

  /** Ends our side after what has been written, and after this text. */
  end (last?: string): void { this.writer.end(last) }

  /** Closes the socket when everything written has been taken. */
  destroySoon (): void { this.writer.destroySoon() }

  /** Closes it at once; what has been written is offered to the system before. */
  destroy (): void {
    this.writer.send()
    this.socket.destroy()
  }

  whenSettled (done: () => void): void { this.writer.whenSettled(done) }

  /** A part of what is being read, as bytes that stay valid. Whoever is done with them calls `giveBack`. */
  keep (bytes: Buffer, start: number, end: number): Buffer { return this.#reading.keep(bytes, start, end) }

  pause (): void { this.#reading.pause() }

  resume (): void { this.#reading.resume() }

  /** Lets the socket be an ordinary one again: `bytes` were read and are not used up. No more events. */
  handOver (bytes: Buffer): void {
    this.writer.send()
    for (const [name, listener] of listeners) this.socket.off(name, listener)
    this.#reading.restore(bytes)
  }
}

/** A wire socket on the documented interface of any stream socket. */
export function createStreamSocket (socket: Socket, events: WireSocketEvents): WireSocket {
  const data = (bytes: Buffer): void => { events.read(bytes, 0, bytes.length) }
  socket.on('data', data)
  return new WireSocket(socket, events, {
    // Each part that a stream gives has memory of its own.
    keep: (bytes, start, end) => bytes.subarray(start, end),
    pause: () => { socket.pause() },
    resume: () => { socket.resume() },
    restore (bytes) {
      socket.off('data', data)
      if (bytes.length > 0) socket.unshift(Buffer.from(bytes))
    },
  })
}
