import { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { streamBinding as binding, writeLatin1 } from './stream-binding.ts'
import type { WriteRequest } from './stream-binding.ts'

/** What a TCP handle of this Node takes; not documented, hence tried for before use. */
interface TcpHandle {
  writeLatin1String (request: WriteRequest, text: string): number
  writeBuffer (request: WriteRequest, bytes: Buffer): number
}
/** A request that the system has answered at once is free for the next write. */
let spare: WriteRequest | undefined
/** Where a message is put together of text and bytes. It is given away with a write that the system does not finish at once. */
const stagedSize = 33 * 1024
let staged = Buffer.allocUnsafeSlow(stagedSize)
/** The part of it that the latest message took: the next is often as long. */
let view = staged

/** `staged` takes at most this much text and this many bytes, besides the few octets that frame a chunk. */
export const largestStaged = 16 * 1024

/**
 * Writes to a socket, past its stream where that is possible: nearly every message fits into the system's buffer at once, and then neither
 * queue nor callback is needed. What does not fit waits in the handle's own queue, in order with what the stream writes.
 */
export class DirectWriter {
  readonly #socket: Socket
  readonly #drained: () => void
  /** TLS and other duplexes have no use for it. */
  readonly #direct: boolean
  #found: TcpHandle | undefined
  #pending = 0
  #waiting: (() => void)[] | undefined

  /** `drained`: after a write returned false, all of it has been taken. `socket` emits `drain` for what went through its stream. */
  constructor (socket: Socket, drained: () => void) {
    this.#socket = socket
    this.#drained = drained
    this.#direct = binding !== undefined && socket.constructor === Socket
  }

  /** Everything written has been taken by the system. */
  get settled (): boolean { return this.#pending === 0 && this.#socket.writableLength === 0 }

  /** Latin1. False: wait for `drained`. */
  text (text: string): boolean {
    const handle = this.#handle()
    if (handle === undefined) return this.#socket.write(text, 'latin1')
    const request = takeRequest()
    return this.#wrote(request, handle.writeLatin1String(request, text))
  }

  /** Bytes that are not looked at afterwards. False: wait for `drained`. */
  copy (bytes: Buffer, start: number, end: number): boolean {
    return this.#handle() === undefined ? this.#socket.write(Buffer.from(bytes.subarray(start, end))) : this.staged('', bytes, start, end, '')
  }

  /** Text (latin1), bytes and text as one message. False: wait for `drained`. */
  staged (before: string, bytes: Buffer, start: number, end: number, after: string): boolean {
    const handle = this.#handle()
    if (handle === undefined) return this.#socket.write(before + bytes.toString('latin1', start, end) + after, 'latin1')
    const to = staged
    const text = before.length
    if (text > 0) writeLatin1(to, before, 0)
    let size = text + end - start
    // A view to copy from costs more than a loop over few octets.
    if (end - start > 64) to.set(bytes.subarray(start, end), text)
    else for (let i = text, from = start; from < end; i++, from++) to[i] = bytes[from]!
    if (after !== '') size += writeLatin1(to, after, size)
    if (view.length !== size) view = to.subarray(0, size)
    const request = takeRequest()
    const error = handle.writeBuffer(request, view)
    if (error === 0 && binding!.streamBaseState[binding!.kLastWriteWasAsync] !== 0) {
      request.buffer = to
      view = staged = Buffer.allocUnsafeSlow(stagedSize)
    }
    return this.#wrote(request, error)
  }

  whenSettled (done: () => void): void {
    if (this.#pending === 0) this.#socket.write('', done)
    else (this.#waiting ??= []).push(done)
  }

  /** The handle, when nothing is in the stream that a write could overtake. That of a socket that has been destroyed refuses writes. */
  #handle (): TcpHandle | undefined {
    const handle = this.#found ?? this.#find()
    return this.#socket.writableLength > 0 ? undefined : handle
  }

  /** Sockets that are being connected may change theirs. */
  #find (): TcpHandle | undefined {
    if (!this.#direct || this.#socket.connecting) return undefined
    return this.#found = (this.#socket as unknown as { _handle: TcpHandle | null })._handle ?? undefined
  }

  #wrote (request: WriteRequest, error: number): boolean {
    if (error !== 0) {
      this.#socket.destroy(Object.assign(new Error('write failed'), { code: getSystemErrorName(error) }))
      return true
    }
    if (binding!.streamBaseState[binding!.kLastWriteWasAsync] === 0) {
      spare = request
      return this.#pending === 0
    }
    this.#pending++
    request.oncomplete = (status) => { this.#completed(status) }
    return false
  }

  #completed (status: number): void {
    if (status < 0 && !this.#socket.destroyed) this.#socket.destroy(Object.assign(new Error('write failed'), { code: getSystemErrorName(status) }))
    if (--this.#pending > 0) return
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) for (const done of waiting) done()
    if (!this.#socket.destroyed && !this.#socket.writableNeedDrain) this.#drained()
  }
}

function takeRequest (): WriteRequest {
  const request = spare ?? new binding!.WriteWrap()
  spare = undefined
  return request
}
