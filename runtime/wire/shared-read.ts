import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { canReadDirectly, readDirectly, startReading, stopReading } from '../upstream/direct-read.ts'
import type { Reader } from '../upstream/direct-read.ts'
import { ReadBuffer } from '../upstream/read-buffer.ts'
import { WireSocket } from './wire-socket.ts'
import type { WireReading, WireSocketEvents } from './wire-socket.ts'

/** The parts of an accepted socket that are not documented. */
interface Accepted {
  _handle?: unknown
  _server?: unknown
  server?: unknown
}

/** Nothing is read that way. */
const callback = (): true => true

/**
 * A wire socket that reads into the buffer that all share, as sockets that we connect do by the documented option `onread`. For accepted sockets
 * Node has no such option, so that its TCP handle moves to a socket made with it; TLS keeps its socket. Undefined where this Node does not have
 * what it takes: the documented way of reading serves as well, only slower.
 */
export function createSharedReadSocket (accepted: Socket, events: WireSocketEvents): WireSocket | undefined {
  // What has been read in the documented way would come too late.
  if (!canReadDirectly(accepted) || accepted.readableLength > 0) return undefined
  const reading = new SharedReading(events)
  const prepared = !(accepted instanceof TLSSocket)
  const socket = prepared ? movedTo(reading, accepted) : accepted
  if (socket === undefined) return undefined
  readDirectly(socket, reading, prepared)
  reading.socket = socket
  return new WireSocket(socket, events, reading)
}

function movedTo (reading: SharedReading, accepted: Socket): Socket | undefined {
  const from = accepted as unknown as Accepted
  if (accepted.constructor !== Socket || from._server == null) return undefined
  const socket = new Socket({ handle: from._handle, allowHalfOpen: true, onread: { buffer: reading.nextBuffer(), callback } } as ConstructorParameters<typeof Socket>[0])
  const to = socket as unknown as Accepted
  to._server = from._server
  to.server = from.server
  from._handle = null
  from._server = null
  return socket
}

class SharedReading implements WireReading, Reader {
  socket!: Socket
  readonly #events: WireSocketEvents
  readonly #buffer = new ReadBuffer()
  #handedOver = false

  constructor (events: WireSocketEvents) { this.#events = events }

  nextBuffer (): Buffer { return this.#buffer.next(this.#events.streaming) }

  takeRead (bytes: Buffer, length: number): boolean {
    if (this.#handedOver) return this.socket.push(Buffer.from(bytes.subarray(0, length)))
    this.#events.read(bytes, 0, length)
    return true
  }

  keep (bytes: Buffer, start: number, end: number): Buffer { return this.#buffer.keep(bytes, start, end) }

  pause (): void { stopReading(this.socket) }

  resume (): void { startReading(this.socket) }

  restore (bytes: Buffer): void {
    this.#handedOver = true
    if (bytes.length > 0) this.socket.unshift(Buffer.from(bytes))
  }
}
