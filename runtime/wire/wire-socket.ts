import type { Socket } from 'node:net'
import { DirectWriter } from '../upstream/direct-write.ts'

/** What a socket tells its connection. */
export interface WireSocketEvents {
  /** The bytes are valid during this call only. */
  read (bytes: Buffer, start: number, end: number): void
  ended (): void
  closed (failed: boolean): void
}

/** A client's socket as the wire lane reads and writes it. */
export interface WireSocket {
  readonly socket: Socket
  /** Everything written has been taken by the system. */
  readonly settled: boolean
  onDrain: (() => void) | undefined
  /** Latin1. False: wait for `onDrain`. */
  writeText (text: string): boolean
  /** Text, bytes and text as one message of at most `largestStaged`; the bytes are not looked at afterwards. False: wait for `onDrain`. */
  writeStaged (before: string, bytes: Buffer, start: number, end: number, after: string): boolean
  /** `done`: the bytes are not looked at any more. */
  writeBytes (bytes: Buffer, done: () => void): boolean
  whenSettled (done: () => void): void
  /** A part of what is being read, as bytes that stay valid. Whoever is done with them calls `giveBack`. */
  keep (bytes: Buffer, start: number, end: number): Buffer
  pause (): void
  resume (): void
  /** Lets the socket be an ordinary one again: `bytes` were read and are not used up. No more events. */
  handOver (bytes: Buffer): void
}

/** A wire socket on the documented interface of any stream socket. */
export function createStreamSocket (socket: Socket, events: WireSocketEvents): WireSocket {
  const data = (bytes: Buffer): void => { events.read(bytes, 0, bytes.length) }
  socket.on('data', data)
  // Each part that a stream gives has memory of its own.
  return onSocket(socket, events, (bytes, start, end) => bytes.subarray(start, end), (bytes) => {
    socket.off('data', data)
    if (bytes.length > 0) socket.unshift(Buffer.from(bytes))
  })
}

/** The part that does not depend on how bytes are read. `restore`: makes the socket an ordinary one that still has these bytes to give. */
export function onSocket (socket: Socket, events: WireSocketEvents, keep: WireSocket['keep'], restore: (bytes: Buffer) => void): WireSocket {
  const ended = (): void => { events.ended() }
  let error = false
  const closed = (): void => { events.closed(error) }
  const failed = (): void => { error = true } // `close` follows
  const drain = (): void => { wire.onDrain?.() }
  socket.on('end', ended)
  socket.on('close', closed)
  socket.on('error', failed)
  socket.on('drain', drain)

  const writer = new DirectWriter(socket, drain)
  const wire: WireSocket = {
    socket,
    get settled () { return writer.settled },
    onDrain: undefined,
    writeText: (text) => writer.text(text),
    writeStaged: (before, bytes, start, end, after) => writer.staged(before, bytes, start, end, after),
    writeBytes: (bytes, done) => socket.write(bytes, done),
    whenSettled: (done) => { writer.whenSettled(done) },
    keep,
    pause: () => { socket.pause() },
    resume: () => { socket.resume() },
    handOver (bytes) {
      socket.off('end', ended)
      socket.off('close', closed)
      socket.off('error', failed)
      socket.off('drain', drain)
      restore(bytes)
    }
  }
  return wire
}
