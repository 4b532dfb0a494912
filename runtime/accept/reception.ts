import type { Socket } from 'node:net'
import type { ListenerView } from '../http/context.ts'
import { plainAddress } from '../http/trusted-proxies.ts'
import type { ConnectionEnds } from '../upstream/proxy-preface.ts'
import type { Arrival } from './arrival.ts'
import { createConnectionLimits } from './connection-limits.ts'
import { readProxyHeader } from './read-proxy-header.ts'

/** Receives the connections of a listener: limits, PROXY protocol, TLS, as the active snapshot has them. */
export interface Reception {
  /** `arrived` is told of a connection that is ready; others are closed. */
  receive (socket: Socket, arrived: (arrival: Arrival) => void): void
  /** Closes those that are not ready yet. */
  close (): void
}

export function createReception (view: () => ListenerView | undefined): Reception {
  const limits = createConnectionLimits()
  const waiting = new Set<Socket>()

  function receive (socket: Socket, arrived: (arrival: Arrival) => void): void {
    const current = view()
    if (current === undefined) {
      socket.destroy()
      return
    }
    const { live: { options, tls }, proxies } = current
    const address = plainAddress(socket.remoteAddress ?? '')
    if (!options.proxyProtocol) return admit(socket, address, current, arrived, tls !== undefined)
    if (!proxies.trusts(address)) {
      socket.destroy()
      return
    }
    wait(socket)
    readProxyHeader(socket, options.timeouts.head, (peer) => { admit(socket, peer, current, arrived, true) })
  }

  function admit (socket: Socket, peer: string, { live: { options, tls } }: ListenerView, arrived: (arrival: Arrival) => void, wrapped: boolean): void {
    const { connections, connectionsPerAddress } = options.limits
    const limited = connections !== null || connectionsPerAddress !== null
    const leave = limited ? limits.enter(peer, options.limits) : undefined
    if (limited && leave === undefined) {
      socket.destroy()
      return
    }
    const ends = endsOf(socket, peer)
    if (tls === undefined) {
      waiting.delete(socket)
      if (leave !== undefined) socket.once('close', leave)
      return arrived({ socket, peer, ends, secured: undefined, wrapped: wrapped || leave !== undefined })
    }
    wait(socket)
    if (leave !== undefined) socket.once('close', leave)
    tls.secure(socket, (secure, secured) => {
      waiting.delete(socket)
      arrived({ socket: secure, peer, ends, secured, wrapped: true })
    })
  }

  function wait (socket: Socket): void {
    if (waiting.has(socket)) return
    waiting.add(socket)
    socket.once('close', () => { waiting.delete(socket) })
  }

  return {
    receive,
    close () { for (const socket of waiting) socket.destroy() }
  }
}

function endsOf (socket: Socket, peer: string): ConnectionEnds {
  const own = peer === plainAddress(socket.remoteAddress ?? '')
  return { address: peer, port: own ? socket.remotePort ?? 0 : 0, localAddress: plainAddress(socket.localAddress ?? ''), localPort: socket.localPort ?? 0 }
}
