import { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'

/** What a TCP handle of this Node takes; not documented, hence tried for before use. */
interface WriteRequest { oncomplete?: (status: number) => void, buffer?: Buffer }
interface TcpHandle {
  writeLatin1String (request: WriteRequest, text: string): number
  writeBuffer (request: WriteRequest, bytes: Buffer): number
}
interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  readonly streamBaseState: Int32Array
  readonly kLastWriteWasAsync: number
}

const binding = probe()
/** A request that the system has answered at once is free for the next write. */
let spare: WriteRequest | undefined
/** Where a message is put together of text and bytes. It is given away with a write that the system does not finish at once. */
const stagedSize = 33 * 1024
let staged = Buffer.allocUnsafeSlow(stagedSize)

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

  /** Text (latin1), bytes and text as one message. False: wait for `drained`. */
  staged (before: string, bytes: Buffer, start: number, end: number, after: string): boolean {
    const handle = this.#handle()
    if (handle === undefined) return this.#socket.write(before + bytes.toString('latin1', start, end) + after, 'latin1')
    const to = staged
    let size = to.write(before, 0, 'latin1')
    size += bytes.copy(to, size, start, end)
    if (after !== '') size += to.write(after, size, 'latin1')
    const request = takeRequest()
    const error = handle.writeBuffer(request, to.subarray(0, size))
    if (error === 0 && binding!.streamBaseState[binding!.kLastWriteWasAsync] !== 0) {
      request.buffer = to
      staged = Buffer.allocUnsafeSlow(stagedSize)
    }
    return this.#wrote(request, error)
  }

  whenSettled (done: () => void): void {
    if (this.#pending === 0) this.#socket.write('', done)
    else (this.#waiting ??= []).push(done)
  }

  /** The handle, when nothing is in the stream that a write could overtake. */
  #handle (): TcpHandle | undefined {
    const socket = this.#socket
    if (!this.#direct || socket.connecting || !socket.writable || socket.writableLength > 0) return undefined
    return (socket as unknown as { _handle: TcpHandle | null })._handle ?? undefined
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

/** Undefined where this Node lacks it, and where only documented interfaces are asked for. */
function probe (): StreamBinding | undefined {
  if (process.env['GWC_LANE'] === 'wire-stream') return undefined
  try {
    const found = (process as unknown as { binding (name: string): Partial<StreamBinding> }).binding('stream_wrap')
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = found
    if (typeof WriteWrap !== 'function' || !ArrayBuffer.isView(streamBaseState) || typeof kLastWriteWasAsync !== 'number') return undefined
    return { WriteWrap, streamBaseState, kLastWriteWasAsync }
  } catch {
    return undefined
  }
}
