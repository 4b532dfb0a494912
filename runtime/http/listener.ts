import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { BundleListener } from '../../schema/bundle.ts'
import type { Exchange } from '../../schema/exchange.ts'
import type { Listener } from '../listener.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Timeouts } from '../upstream/timeouts.ts'
import type { Arrival } from '../accept/arrival.ts'
import { createReception } from '../accept/reception.ts'
import { ClientConnection } from './client-connection.ts'
import { clientFailure } from './client-error.ts'
import type { ListenerContext, ListenerView } from './context.ts'
import { Http2Connection } from '../http2/http2-connection.ts'
import { rawRequest } from './raw-request.ts'
import { createRequestIds } from './request-ids.ts'
import { createServer, updateServer } from './server.ts'
import { isPlain } from '../wire/request-parser.ts'
import { createSharedReadSocket } from '../wire/shared-read.ts'
import { WireConnection } from '../wire/wire-connection.ts'
import { createStreamSocket } from '../wire/wire-socket.ts'
import { createTrustedProxies } from './trusted-proxies.ts'

/** What a listener needs of the rest of the runtime. */
export interface ListenerOptions {
  /** Name, address, port, limits and timeouts. Snapshots are asked for the listener of this name. */
  readonly options: BundleListener
  /** The snapshot that a new request takes. */
  readonly active: () => Snapshot
  readonly timeouts: Timeouts
  /** `wire` (default): plain requests take the fast path. `full`: none does. `wire-stream`: the fast path on documented interfaces of Node alone. */
  readonly lane?: Lane | undefined
  /** In [0, 1); makes request ids. */
  readonly random: () => number
  /** Told of each request when it has ended, however it did. No exchange: it was refused before it was routed. `reason`: `ok`, or why the gateway answered itself or gave up. */
  readonly ended?: (exchange: Exchange | undefined, reason: string) => void
  /** Told of handlers that threw. `where` names the policy. */
  readonly bug?: (error: unknown, where: string) => void
}

export type Lane = 'wire' | 'wire-stream' | 'full'

export type HttpListener = Listener<BundleListener>

/** A listener of HTTP, both lanes. */
export function createHttpListener (options: ListenerOptions): HttpListener {
  let { name } = options.options
  const { lane = 'wire' } = options
  const clients = new Map<Socket, ClientConnection | WireConnection | Http2Connection>()
  const nextRequestId = createRequestIds(options.random)
  let view: ListenerView | undefined
  let closing = false
  let emptied = (): void => {}

  const context: ListenerContext = {
    get name () { return name },
    timeouts: options.timeouts,
    view: () => {
      const snapshot = options.active()
      if (view?.snapshot !== snapshot) view = viewOf(snapshot, name, view)
      return view
    },
    nextRequestId,
    get closing () { return closing },
    ended: options.ended ?? (() => {}),
    bug: options.bug ?? (() => {}),
  }

  /** Adds a connection of either lane, in place of what served the socket before. */
  function enter (socket: Socket, client: ClientConnection | WireConnection | Http2Connection): void {
    const known = clients.has(socket)
    clients.set(socket, client)
    if (closing) client.shutdown()
    if (known) return
    socket.on('close', () => {
      clients.delete(socket)
      if (clients.size === 0) emptied()
    })
  }

  const reception = createReception(context.view)
  const accepted = (socket: Socket): void => {
    reception.receive(socket, (arrival) => {
      if (arrival.secured?.protocol === 'h2') serveHttp2(arrival)
      else if (lane === 'full') serveFull(arrival)
      else serveWire(arrival)
    })
  }

  function serveFull (arrival: Arrival): void {
    speak(arrival.socket)
    enter(arrival.socket, new ClientConnection(arrival, context))
    if (arrival.wrapped) arrival.socket.resume()
  }

  function serveWire (arrival: Arrival): WireConnection {
    const { socket, ...lasting } = arrival // the accepted socket may become another
    const connection = new WireConnection(arrival, context, (wire, bytes) => {
      wire.handOver(bytes)
      const next = { ...lasting, socket: wire.socket }
      if (bytes.toString('latin1', 0, 5) === 'PRI *' && lasting.secured === undefined && context.view()?.live.options.http2 === true) serveHttp2(next)
      else serveFull(next)
    })
    const wire = (lane === 'wire' && (!arrival.wrapped || arrival.secured !== undefined) ? createSharedReadSocket(socket, connection) : undefined) ?? createStreamSocket(socket, connection)
    connection.attach(wire)
    enter(wire.socket, connection)
    if (arrival.wrapped) socket.resume()
    return connection
  }

  function serveHttp2 (arrival: Arrival): void {
    const current = context.view()
    if (current === undefined) arrival.socket.destroy()
    else enter(arrival.socket, new Http2Connection(arrival, current, context))
  }

  /** The wire lane switches protocols. What it does not take, it gives back as a request that does not ask for it. */
  function upgrade (req: IncomingMessage, socket: Socket, ahead: Buffer): void {
    const client = clients.get(socket)
    if (!(client instanceof ClientConnection) || client.busy) {
      socket.destroy()
      return
    }
    const arrival = client.leave()
    const asked = lane !== 'full' && isPlain(rawRequest(req, true))
    const bytes = Buffer.concat([rawRequest(req, asked), ahead])
    if (asked) serveWire(arrival).read(bytes, 0, bytes.length)
    else {
      socket.unshift(bytes)
      serveFull(arrival)
    }
  }

  const { app, server, speak } = createServer(options.options, {
    accepted,
    upgrade,
    request: (req, res, target) => {
      try {
        const client = clients.get(req.socket)
        if (client instanceof ClientConnection) client.take(req, res, target)
      } catch (error) {
        context.bug(error, 'listener')
        req.socket.destroy()
      }
    },
    connect: (socket) => {
      const client = clients.get(socket)
      if (!(client instanceof ClientConnection) || client.busy) socket.destroy()
      else client.fail({ kind: 'method-not-allowed', allow: [] })
    },
    error: (error, socket) => {
      const failure = clientFailure(error, socket.bytesRead === 0)
      const client = clients.get(socket)
      if (failure === undefined || !(client instanceof ClientConnection)) socket.destroy()
      else client.fail(failure)
    },
  })

  return {
    get name () { return name },
    listen: async () => {
      await app.ready()
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host: options.options.address, port: options.options.port, backlog: 4096 }, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return server.address() as AddressInfo
    },
    get address () { return (server.address() as AddressInfo | null) ?? undefined },
    get connections () { return clients.size },
    update: (listener) => {
      name = listener.name
      updateServer(server, listener)
    },
    close: async (graceMs) => {
      closing = true
      reception.close()
      const closed = new Promise<void>((resolve) => { server.close(() => resolve()) })
      // The server calls itself closed before the last connection has said so.
      const empty = clients.size === 0 ? undefined : new Promise<void>((resolve) => { emptied = resolve })
      for (const client of clients.values()) client.shutdown()
      const cut = setTimeout(() => { for (const client of clients.values()) client.destroy() }, graceMs)
      await Promise.all([closed, empty])
      clearTimeout(cut)
    },
  }
}

function viewOf (snapshot: Snapshot, name: string, before: ListenerView | undefined): ListenerView | undefined {
  const index = snapshot.listeners.findIndex((listener) => listener.options.name === name)
  const live = snapshot.listeners[index]
  if (live === undefined) return undefined
  const ranges = live.options.trustedProxies
  const same = before !== undefined && before.live.options.trustedProxies.join() === ranges.join()
  return { snapshot, index, live, proxies: same ? before.proxies : createTrustedProxies(ranges) }
}
