import { Socket } from 'node:net'
import { canReadDirectly, readDirectly } from '../upstream/direct-read.ts'
import type { Reader } from '../upstream/direct-read.ts'
import { ReadBuffer } from '../upstream/read-buffer.ts'
import { WireSocket } from './wire-socket.ts'
import type { WireReading, WireSocketEvents } from './wire-socket.ts'

/** The parts of an accepted socket that are not documented. */
interface Accepted {
  _handle?: { useUserBuffer?: unknown } | null
  _server?: unknown
  server?: unknown
}

/** Has its socket made with the option `onread`; nothing is read that way. */
const unread = { buffer: Buffer.alloc(1), callback: () => true }

/**
 * A wire socket that reads into the buffer that all share, as sockets that we connect do by the documented option `onread`. For accepted sockets
 * Node has no such option, so that its TCP handle moves to a socket made with it. Undefined where this Node does not have what it takes:
 * the documented way of reading serves as well, only slower.
 */
export function createSharedReadSocket (accepted: Socket, events: WireSocketEvents): WireSocket | undefined {
  const from = accepted as unknown as Accepted
  const handle = from._handle
  if (accepted.constructor !== Socket || typeof handle?.useUserBuffer !== 'function' || from._server == null || !canReadDirectly) return undefined
  const socket = new Socket({ handle, allowHalfOpen: true, onread: unread } as ConstructorParameters<typeof Socket>[0])
  const to = socket as unknown as Accepted
  to._server = from._server
  to.server = from.server
  from._handle = null
  from._server = null
  return new WireSocket(socket, events, new SharedReading(socket, events))
}

class SharedReading implements WireReading, Reader {
  readonly #socket: Socket
  readonly #events: WireSocketEvents
  readonly #buffer = new ReadBuffer()
  #handedOver = false

  constructor (socket: Socket, events: WireSocketEvents) {
    this.#socket = socket
    this.#events = events
    readDirectly(socket, this)
  }

  nextBuffer (): Buffer { return this.#buffer.next(true) }

  takeRead (bytes: Buffer, length: number): boolean {
    if (this.#handedOver) return this.#socket.push(Buffer.from(bytes.subarray(0, length)))
    this.#events.read(bytes, 0, length)
    return true
  }

  keep (bytes: Buffer, start: number, end: number): Buffer { return this.#buffer.keep(bytes, start, end) }

  restore (bytes: Buffer): void {
    this.#handedOver = true
    if (bytes.length > 0) this.#socket.unshift(Buffer.from(bytes))
  }
}
