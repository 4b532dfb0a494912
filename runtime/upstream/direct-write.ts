import { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { Gathered } from './gathered.ts'
import { giveBack, mediumSize, takeMemory } from './memory.ts'
import { sendLater } from './outbox.ts'
import type { Sender } from './outbox.ts'
import { readLatin1, streamBinding as binding, writeLatin1 } from './stream-binding.ts'
import type { WriteRequest } from './stream-binding.ts'

/** Who writes. */
export interface WriterOwner {
  /** After a write returned false, all of it has been taken. The socket emits `drain` for what went through its stream. */
  drained (): void
}

/** What a TCP handle of this Node takes; not documented, hence tried for before use. */
interface TcpHandle {
  writeLatin1String (request: WriteRequest, text: string): number
  writeBuffer (request: WriteRequest, bytes: Buffer): number
  /** Each part with its encoding after it. */
  writev (request: WriteRequest, parts: readonly (string | Buffer)[], allBuffers: false): number
}

/** What leaves in one write. Bytes are memory that is given back. */
type Message = string | Buffer | Gathered

/** A request that the system has answered at once is free for the next write. */
let spare: WriteRequest | undefined

/** `staged` takes at most this much text and this many bytes, besides the few octets that frame a chunk. */
export const largestStaged = 16 * 1024
/** Messages up to this size are put together as text, others in memory. */
const largestText = 1024
/** More leaves at once: nobody would have to wait for it, and memory is in use until then. */
const largestGathered = 128 * 1024
const nothing = (): void => {}

/**
 * Writes to a socket, past its stream where that is possible: nearly every message fits into the system's buffer at once, and then neither
 * queue nor callback is needed. What does not fit waits in the handle's own queue, in order with what the stream writes. What is written in
 * one turn of the event loop leaves at its end, in one write; whatever else is done to the socket goes by this writer, so that it comes after it.
 */
export class DirectWriter implements Sender {
  readonly #socket: Socket
  readonly #owner: WriterOwner
  /** TLS and other duplexes have no use for it. */
  readonly #direct: boolean
  #found: TcpHandle | undefined
  /** Waits for the end of the turn. */
  #message: Message | undefined
  #listed = false
  /** Writes that the system has not taken whole. */
  #pending = 0
  #waiting: (() => void)[] | undefined

  constructor (socket: Socket, owner: WriterOwner) {
    this.#socket = socket
    this.#owner = owner
    this.#direct = binding !== undefined && socket.constructor === Socket
  }

  /** Everything written has been taken by the system, or will be offered to it in this turn. */
  get settled (): boolean { return this.#pending === 0 && this.#socket.writableLength === 0 }

  /** Latin1. False: wait for `drained`. */
  text (text: string): boolean {
    const message = this.#message
    if (message === undefined || typeof message === 'string') return this.#post((message ?? '') + text)
    this.#gather().text(text)
    return this.#flowing
  }

  /** Bytes, at most `largestStaged`, that are not looked at afterwards. False: wait for `drained`. */
  copy (bytes: Buffer, start: number, end: number): boolean { return this.staged('', bytes, start, end, '') }

  /** Text (latin1), bytes and text as one message; the bytes are not looked at afterwards. False: wait for `drained`. */
  staged (before: string, bytes: Buffer, start: number, end: number, after: string): boolean {
    const message = joined(before, bytes, start, end, after)
    if (typeof message === 'string') return this.text(message)
    return this.#message === undefined ? this.#post(message) : this.#add(message, givesBack(message))
  }

  /** Bytes that stay as they are until `done`, which may be called at once. False: wait for `drained`. */
  bytes (bytes: Buffer, done: () => void = nothing): boolean {
    if (this.#message !== undefined || bytes.length <= largestGathered) return this.#add(bytes, done)
    if (!this.#takes()) return this.#socket.write(bytes, done)
    this.#write(bytes, done)
    return this.#flowing
  }

  /** Ends our side after what has been written, and after this. */
  end (last = ''): void {
    this.send()
    this.#socket.end(last, 'latin1')
  }

  /** Closes the socket when everything written has been taken. */
  destroySoon (): void {
    this.send()
    this.#socket.destroySoon()
  }

  whenSettled (done: () => void): void {
    this.send()
    if (this.#pending === 0) this.#socket.write('', done)
    else (this.#waiting ??= []).push(done)
  }

  /** Sends what waits for the end of the turn. */
  send (): void {
    this.#listed = false
    const message = this.#message
    if (message === undefined) return
    this.#message = undefined
    const done = typeof message === 'string' ? nothing : message instanceof Gathered ? message.done : givesBack(message)
    if (this.#takes()) this.#write(message, done)
    else if (typeof message === 'string') this.#socket.write(message, 'latin1')
    else if (message instanceof Gathered) this.#stream(message)
    else this.#socket.write(message, done)
  }

  #stream ({ parts, done }: Gathered): void {
    const last = parts.length - 2
    this.#socket.cork()
    for (let i = 0; i <= last; i += 2) this.#socket.write(parts[i]!, parts[i + 1] as BufferEncoding, i === last ? done : nothing)
    this.#socket.uncork()
  }

  #write (message: Message, done: () => void): void {
    const handle = this.#found!
    const request = spare ?? new binding!.WriteWrap()
    spare = undefined
    const error = typeof message === 'string'
      ? handle.writeLatin1String(request, message)
      : message instanceof Gathered ? handle.writev(request, message.parts, false) : handle.writeBuffer(request, message)
    if (error !== 0) {
      done()
      return this.#failed(error)
    }
    if (binding!.streamBaseState[binding!.kLastWriteWasAsync] === 0) {
      spare = request
      return done()
    }
    this.#pending++
    // The system reads the bytes, but does not keep them from being collected.
    request.message = message
    request.oncomplete = (status) => {
      done()
      this.#completed(status)
    }
  }

  #post (message: Message): boolean {
    this.#message = message
    if (!this.#listed) {
      this.#listed = true
      sendLater(this)
    }
    return this.#flowing
  }

  #add (bytes: Buffer, done: () => void): boolean {
    const gathered = this.#gather()
    gathered.bytes(bytes, done)
    if (gathered.size <= largestGathered) return this.#post(gathered)
    this.send()
    return this.#flowing
  }

  /** What waits, as something that takes more. */
  #gather (): Gathered {
    const message = this.#message
    if (message instanceof Gathered) return message
    const gathered = new Gathered()
    if (typeof message === 'string') gathered.text(message)
    else if (message !== undefined) gathered.bytes(message, givesBack(message))
    this.#message = gathered
    return gathered
  }

  get #flowing (): boolean { return this.#pending === 0 && (this.#socket.writableLength === 0 || !this.#socket.writableNeedDrain) }

  /** Whether the handle takes messages: nothing is in the stream that they could overtake. That of a socket that has been destroyed refuses them. */
  #takes (): boolean { return this.#socket.writableLength === 0 && (this.#found ?? this.#find()) !== undefined }

  /** Sockets that are being connected may change theirs. */
  #find (): TcpHandle | undefined {
    if (!this.#direct || this.#socket.connecting) return undefined
    return this.#found = (this.#socket as unknown as { _handle: TcpHandle | null })._handle ?? undefined
  }

  #completed (status: number): void {
    if (status < 0) this.#failed(status)
    if (--this.#pending > 0) return
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) for (const done of waiting) done()
    if (!this.#socket.destroyed && !this.#socket.writableNeedDrain) this.#owner.drained()
  }

  #failed (error: number): void {
    if (!this.#socket.destroyed) this.#socket.destroy(Object.assign(new Error('write failed'), { code: getSystemErrorName(error) }))
  }
}

const givesBack = (memory: Buffer) => (): void => { giveBack(memory) }

/** A message of its own: as text when it is short, for that needs no memory that must be given back. */
function joined (before: string, bytes: Buffer, start: number, end: number, after: string): string | Buffer {
  const length = end - start
  if (length <= largestText) return before + readLatin1(bytes, start, end) + after
  const memory = takeMemory(mediumSize)
  if (before !== '') writeLatin1(memory, before, 0)
  memory.set(bytes.subarray(start, end), before.length)
  if (after !== '') writeLatin1(memory, after, before.length + length)
  return memory.subarray(0, before.length + length + after.length)
}
