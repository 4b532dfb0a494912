import { Socket } from 'node:net'
import { readDirectly } from '../upstream/direct-read.ts'
import { ReadBuffer } from '../upstream/read-buffer.ts'
import { WireSocket } from './wire-socket.ts'
import type { WireSocketEvents } from './wire-socket.ts'

/** The parts of an accepted socket that are not documented. */
interface Accepted {
  _handle?: { useUserBuffer?: unknown } | null
  _server?: unknown
  server?: unknown
}

/**
 * A wire socket that reads into the buffer that all share, as sockets that we connect do by the documented option `onread`. For accepted sockets
 * Node has no such option, so that its TCP handle moves to a socket made with it. Undefined where this Node does not have what it takes:
 * the documented way of reading serves as well, only slower.
 */
export function createSharedReadSocket (accepted: Socket, events: WireSocketEvents): WireSocket | undefined {
  const from = accepted as unknown as Accepted
  const handle = from._handle
  if (accepted.constructor !== Socket || typeof handle?.useUserBuffer !== 'function' || from._server == null) return undefined
  const buffer = new ReadBuffer()
  let handedOver = false
  const take = (bytes: Buffer, length: number): boolean => {
    if (handedOver) return socket.push(Buffer.from(bytes.subarray(0, length)))
    events.read(bytes, 0, length)
    return true
  }
  const next = (): Buffer => buffer.next(true)
  const socket: Socket = new Socket({
    handle,
    allowHalfOpen: true,
    onread: { buffer: next, callback: (length: number, bytes: Buffer): boolean => take(bytes, length) },
  } as ConstructorParameters<typeof Socket>[0])
  const to = socket as unknown as Accepted
  to._server = from._server
  to.server = from.server
  from._handle = null
  from._server = null
  readDirectly(socket, next, take)
  return new WireSocket(socket, events, {
    keep: (bytes, start, end) => buffer.keep(bytes, start, end),
    restore (bytes) {
      handedOver = true
      if (bytes.length > 0) socket.unshift(Buffer.from(bytes))
    },
  })
}
