import type { Socket } from 'node:net'
import { plainAddress } from '../http/trusted-proxies.ts'
import { parseProxyHeader } from './proxy-header.ts'

/**
 * Reads the PROXY protocol header at the start of a connection within `timeout` milliseconds, and leaves what follows it unread. `done` is told
 * the client's address (the peer's own where the header has none). A connection without a proper header is closed: it says who nobody is.
 */
export function readProxyHeader (socket: Socket, timeout: number, done: (address: string) => void): void {
  const peer = plainAddress(socket.remoteAddress ?? '')
  let read: Buffer = Buffer.alloc(0)
  const late = setTimeout(() => { socket.destroy() }, timeout)
  const failed = (): void => {} // `close` follows
  const ended = (): void => { socket.destroy() }
  const data = (part: Buffer): void => {
    read = Buffer.concat([read, part])
    const header = parseProxyHeader(read)
    if (header === 'incomplete') return
    leave()
    if (header === 'invalid') {
      socket.destroy()
      return
    }
    socket.pause()
    if (header.length < read.length) socket.unshift(read.subarray(header.length))
    done(plainAddress(header.address ?? peer))
  }
  const leave = (): void => {
    clearTimeout(late)
    socket.off('data', data)
    socket.off('end', ended)
    socket.off('error', failed)
    socket.off('close', leave)
  }
  socket.on('data', data)
  socket.on('end', ended)
  socket.on('error', failed)
  socket.on('close', leave)
}
