import net from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { BundleTcpListener } from '../../schema/bundle.ts'
import type { HostPattern } from '../../schema/host.ts'
import { createConnectionLimits } from '../accept/connection-limits.ts'
import { readProxyHeader } from '../accept/read-proxy-header.ts'
import { createTrustedProxies, plainAddress } from '../http/trusted-proxies.ts'
import type { Listener } from '../listener.ts'
import type { LiveTcpListener, LiveUpstream, Snapshot } from '../snapshot.ts'
import type { Timeouts } from '../upstream/timeouts.ts'
import { createSharedReadSocket } from '../wire/shared-read.ts'
import { createStreamSocket } from '../wire/wire-socket.ts'
import { TcpConnection } from './tcp-connection.ts'
import type { TcpEnd, TcpReason } from './tcp-connection.ts'

export interface TcpListenerOptions {
  readonly options: BundleTcpListener
  /** The snapshot that a new connection takes. */
  readonly active: () => Snapshot
  readonly timeouts: Timeouts
  /** Told of each connection when it has ended. */
  readonly ended: (listener: string, end: TcpEnd, reason: TcpReason) => void
}

/** A listener whose connections are passed on as they are. */
export function createTcpListener ({ options, active, timeouts, ended }: TcpListenerOptions): Listener<BundleTcpListener> {
  let { name } = options
  const limits = createConnectionLimits()
  const connections = new Set<TcpConnection>()
  let emptied = (): void => {}
  const view = (): LiveTcpListener | undefined => active().tcpListeners.find((listener) => listener.options.name === name)

  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const live = view()
    const address = plainAddress(socket.remoteAddress ?? '')
    if (live === undefined) return void socket.destroy()
    if (!live.options.proxyProtocol) return serve(socket, address, live, false)
    if (!createTrustedProxies(live.options.trustedProxies).trusts(address)) return void socket.destroy()
    readProxyHeader(socket, live.options.timeouts.hello, (client) => { serve(socket, client, live, true) })
  })

  function serve (socket: Socket, address: string, live: LiveTcpListener, read: boolean): void {
    const { limits: bounds, timeouts: waits, sni } = live.options
    const leave = limits.enter(address, bounds)
    if (leave === undefined) return void socket.destroy()
    const snapshot = active()
    snapshot.retain()
    const ends = { address, port: read ? 0 : socket.remotePort ?? 0, localAddress: plainAddress(socket.localAddress ?? ''), localPort: socket.localPort ?? 0 }
    const connection = new TcpConnection({
      ends, timeouts, idle: waits.idle, hello: waits.hello, looksAtHello: sni.length > 0,
      route: (asked) => routeOf(live, asked),
      ended (end, reason) {
        leave()
        snapshot.release()
        connections.delete(connection)
        ended(name, end, reason)
        if (connections.size === 0) emptied()
      }
    })
    connections.add(connection)
    connection.attach((read ? undefined : createSharedReadSocket(socket, connection)) ?? createStreamSocket(socket, connection))
    if (read && sni.length > 0) socket.resume()
  }

  return {
    get name () { return name },
    listen: () => new Promise<AddressInfo>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: options.address, port: options.port, backlog: 4096 }, () => {
        server.off('error', reject)
        resolve(server.address() as AddressInfo)
      })
    }),
    get address () { return (server.address() as AddressInfo | null) ?? undefined },
    get connections () { return connections.size },
    update (listener) { name = listener.name },
    async close (graceMs) {
      const closed = new Promise<void>((resolve) => { server.close(() => { resolve() }) })
      const empty = connections.size === 0 ? undefined : new Promise<void>((resolve) => { emptied = resolve })
      const cut = setTimeout(() => { for (const connection of [...connections]) connection.destroy() }, graceMs)
      await Promise.all([closed, empty])
      clearTimeout(cut)
    }
  }
}

/** Exact names win, then the longest wildcard, then the listener's own upstream. `asked` undefined: nothing was looked at. */
function routeOf ({ to, sni }: LiveTcpListener, asked: string | null | undefined): LiveUpstream | undefined {
  if (typeof asked !== 'string') return to
  let best: LiveUpstream | undefined
  let length = -1
  for (const { hosts, upstream } of sni) {
    for (const host of hosts) {
      const fits = matches(host, asked) ? (host.wildcard ? host.name.length : Infinity) : -1
      if (fits <= length) continue
      best = upstream
      length = fits
    }
  }
  return best ?? to
}

function matches ({ wildcard, name }: HostPattern, asked: string): boolean {
  return wildcard ? asked.endsWith(`.${name}`) : asked === name
}
