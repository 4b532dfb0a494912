import { chmodSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import type { LookResult } from '../sources/follow.ts'
import type { WebhookGate } from '../sources/webhook.ts'
import type { Status } from '../status.ts'
import { isLocalHost, isLoopback } from './address.ts'
import type { AdminAddress } from './address.ts'
import { addHookRoute } from './hook-route.ts'

export interface AdminOptions {
  readonly address: AdminAddress
  readonly status: () => Promise<Status>
  /** The bundle file that is served, or undefined: none, or it is not kept. */
  readonly bundle: () => Promise<Uint8Array | undefined>
  /** Looks at the source now, also at what was refused before. */
  readonly reload: () => Promise<LookResult>
  /** With it, `POST /-/hooks/git` is served here. */
  readonly webhook?: { readonly gate: WebhookGate, readonly accepted: () => void } | undefined
}

/** A bound server beside the data path. */
export interface AdminServer {
  /** With the real port. */
  readonly address: AdminAddress
  close (): Promise<void>
}

/** Serves the admin API. Rejects when the address is taken, also by another gwc with the same socket. */
export async function startAdmin ({ address, status, bundle, reload, webhook }: AdminOptions): Promise<AdminServer> {
  const app = fastify({ bodyLimit: 1024, forceCloseConnections: true })
  const guarded = 'path' in address || isLoopback(address.host)

  app.addHook('onRequest', async (request, reply) => {
    const hook = request.url === '/-/hooks/git'
    if (hook || !guarded || 'path' in address) return
    // Against pages in a browser of this machine: DNS rebinding, and requests from other sites.
    if (!isLocalHost(request.headers.host)) return reply.code(403).send({ error: 'the Host field does not name this machine' })
    if (request.method !== 'GET' && request.headers.origin !== undefined) return reply.code(403).send({ error: 'requests of web pages are refused' })
  })
  app.get('/healthz', async () => ({ ok: true }))
  app.get('/readyz', async (_request, reply) => {
    const { ready } = await status()
    return reply.code(ready ? 200 : 503).send({ ready })
  })
  app.get('/status', status)
  app.get('/bundle', async (_request, reply) => {
    const bytes = await bundle()
    return bytes === undefined ? reply.code(503).send({ error: 'no bundle is served' }) : reply.type('application/json').send(Buffer.from(bytes))
  })
  app.post('/reload', async (_request, reply) => {
    const result = await reload()
    return reply.code(result.kind === 'rejected' ? 422 : result.kind === 'away' ? 502 : 200).send(result)
  })
  if (webhook !== undefined) addHookRoute(app, webhook.gate, webhook.accepted)

  if ('path' in address) await freeSocket(address.path)
  return listenOn(app, address)
}

/** A server for webhooks alone, where they come from outside: nothing else is to be seen there. */
export async function startHookServer (address: AdminAddress, gate: WebhookGate, accepted: () => void): Promise<AdminServer> {
  const app = fastify({ bodyLimit: 1024, forceCloseConnections: true, connectionTimeout: 10_000, requestTimeout: 10_000 })
  addHookRoute(app, gate, accepted)
  return listenOn(app, address)
}

async function listenOn (app: FastifyInstance, address: AdminAddress): Promise<AdminServer> {
  await app.listen(address)
  const bound = app.server.address() as AddressInfo | string
  if (typeof bound === 'string') chmodSync(bound, 0o600)
  return {
    address: typeof bound === 'string' || !('host' in address) ? address : { host: address.host, port: bound.port },
    close: () => app.close()
  }
}

/** A socket file that nobody answers on is left over from a process that was killed. */
async function freeSocket (path: string): Promise<void> {
  const answered = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => { resolve(false) })
  })
  if (answered) throw Object.assign(new Error(`another gwc serves with this state folder: ${path} answers`), { code: 'EADDRINUSE', syscall: 'listen', address: path })
  rmSync(path, { force: true })
}
