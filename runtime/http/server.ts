import http from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import fastify from 'fastify'
import type { FastifyInstance, HTTPMethods } from 'fastify'
import type { BundleListener } from '../../schema/bundle.ts'

/** What arrives at a server. None may throw. */
export interface ServerEvents {
  /** A connection has been accepted. */
  accepted (socket: Socket): void
  /** A request head is complete. `target` is the request target as sent. */
  request (req: IncomingMessage, res: ServerResponse, target: string): void
  /** A request asks to switch protocols: the socket is no HTTP connection any more, and `ahead` was read beyond the head. */
  upgrade (req: IncomingMessage, socket: Socket, ahead: Buffer): void
  /** CONNECT: the socket is no HTTP connection any more. */
  connect (socket: Socket): void
  error (error: NodeJS.ErrnoException, socket: Socket): void
}

export interface HttpServer {
  readonly app: FastifyInstance
  readonly server: Server
  /** Lets the server speak HTTP/1.1 on a socket. */
  speak (socket: Socket): void
}

declare module 'node:http' {
  interface IncomingMessage { gatewayTarget?: string }
}

/** Bytes that may wait in a connection before the other side is slowed down. */
const highWaterMark = 128 * 1024

/**
 * Fastify with one catch-all route. It sees the target `/` for every request, for routing is ours; bodies are left unread.
 * Limits on the head hold in the parser, so that no field is hidden from us.
 */
export function createServer (options: BundleListener, events: ServerEvents): HttpServer {
  let server: Server | undefined
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    requestIdHeader: false,
    genReqId: () => '',
    clientErrorHandler: (error, socket) => events.error(error, socket as Socket),
    serverFactory: (handler) => {
      const route = (req: IncomingMessage, res: ServerResponse): void => {
        req.gatewayTarget = req.url ?? ''
        req.url = '/'
        handler(req, res)
      }
      server = http.createServer({
        noDelay: true,
        requireHostHeader: false, // refused by us, as a problem
        insecureHTTPParser: false,
        highWaterMark,
        requestTimeout: 0,
        keepAliveTimeout: 0, // idle connections are our timeouts' business
        maxHeaderSize: options.limits.headBytes,
        connectionsCheckingInterval: Math.round(Math.min(1_000, Math.max(20, options.timeouts.head / 4))),
      }, route)
      server.on('checkContinue', route)
      server.on('checkExpectation', route)
      return server
    },
  })
  const methods = http.METHODS.filter((method) => method !== 'CONNECT') as HTTPMethods[]
  for (const method of methods) app.addHttpMethod(method, { hasBody: false, overrideExisting: true })
  app.route({
    method: methods,
    url: '/',
    handler: (request, reply) => {
      reply.hijack()
      events.request(request.raw, reply.raw, request.raw.gatewayTarget!)
    },
  })
  server!.maxHeadersCount = 0 // count them all: what exceeds a limit here would vanish, not be refused
  server!.timeout = 0
  server!.closeIdleConnections = () => {} // `close` calls it, and would cut off requests on their way
  const [begin] = server!.listeners('connection') as [(socket: Socket) => void]
  const speak = (socket: Socket): void => { begin.call(server, socket) }
  server!.off('connection', begin)
  server!.on('connection', (socket: Socket) => { events.accepted(socket) })
  server!.on('upgrade', (req: IncomingMessage, socket: Socket, ahead: Buffer) => { events.upgrade(req, socket, ahead) })
  server!.on('connect', (_req: IncomingMessage, socket: Socket) => events.connect(socket))
  updateServer(server!, options)
  return { app, server: server!, speak }
}

/** Takes new limits for connections to come. */
export function updateServer (server: Server, options: BundleListener): void {
  server.headersTimeout = options.timeouts.head
  Object.assign(server, { maxHeaderSize: options.limits.headBytes })
}
