import type { Exchange } from '../schema/exchange.ts'
import type { TcpEnd } from './tcp/tcp-connection.ts'

/** One line of the access log. `wall`: milliseconds since 1970. No exchange: the request was refused before it was routed. */
export function accessLine (exchange: Exchange | undefined, reason: string, wall: number): string {
  const time = new Date(wall).toISOString()
  if (exchange === undefined) return JSON.stringify({ time, reason })
  const { listener, clientAddress: client, method, host, path, status, route } = exchange
  return JSON.stringify({ time, listener, client, method, host, path, status, reason, route })
}

/** The line of a connection of a tcp listener. */
export function tcpAccessLine (listener: string, end: TcpEnd, reason: string, wall: number): string {
  return JSON.stringify({ time: new Date(wall).toISOString(), listener, ...end, reason: `tcp-${reason}` })
}
