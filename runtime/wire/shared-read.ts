import { Socket } from 'node:net'
import { ReadBuffer } from '../upstream/read-buffer.ts'
import { onSocket } from './wire-socket.ts'
import type { WireSocket, WireSocketEvents } from './wire-socket.ts'

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
  const socket: Socket = new Socket({
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: () => buffer.next(true),
      callback: (length: number, bytes: Buffer): boolean => {
        if (!handedOver) events.read(bytes, 0, length)
        else return socket.push(Buffer.from(bytes.subarray(0, length)))
        return true
      },
    },
  } as ConstructorParameters<typeof Socket>[0])
  const to = socket as unknown as Accepted
  to._server = from._server
  to.server = from.server
  from._handle = null
  from._server = null
  return onSocket(socket, events, (bytes, start, end) => buffer.keep(bytes, start, end), (bytes) => {
    handedOver = true
    if (bytes.length > 0) socket.unshift(Buffer.from(bytes))
  })
}
