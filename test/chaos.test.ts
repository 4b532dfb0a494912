import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { programSource } from '../runtime/sources/program.ts'
import { startRuntime } from '../runtime/start.ts'
import { bundleOf, keptAliveClient, revised, temporaryFolder, until } from './support/live.ts'
import type { Client } from './support/live.ts'

/* A shop under load while its servers die, hang, come back and drain, and its config reloads: customers notice nothing. */

/** A server that can be made to misbehave. */
class Patient {
  readonly name: string
  port = 0
  hangs = false
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor (name: string) { this.name = name }

  async live (): Promise<void> {
    this.#server = createServer((req, res) => {
      req.resume()
      if (!this.hangs) res.end(this.name)
    })
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => { this.#sockets.delete(socket) })
    })
    this.#server.listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** Its process is gone: connections are reset, and none is taken. */
  async die (): Promise<void> {
    const closed = once(this.#server!, 'close')
    this.#server!.close()
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }
}

async function shop (t: ExecutionContext, workers: number) {
  const servers = [new Patient('a'), new Patient('b'), new Patient('c')] as const
  for (const server of servers) await server.live()
  const { folder, remove } = temporaryFolder()
  const source = programSource('the test')
  let sequence = 0
  const textOf = async (drained: string): Promise<string> => revised(await bundleOf({
    listeners: { public: { port: 0, address: '127.0.0.1' } },
    upstreams: {
      app: {
        targets: servers.map(({ name, port }) => ({ url: `http://127.0.0.1:${port}`, drain: name === drained })),
        health: { path: '/', interval: '200ms', timeout: '400ms', fall: 2, rise: 2 },
        timeouts: { response: '500ms', connect: '1s' },
        slowStart: '1s',
        retries: { max: 2, on: ['connect-failure', 'reset', 'response-timeout'], budget: 1 },
        affinity: { by: 'cookie', key: { $secret: 'KEY' }, secure: false }
      }
    },
    routes: [{ match: '/*', to: 'app' }]
  }), ++sequence)
  const reload = async (drained = ''): Promise<void> => { t.is((await source.offer(await textOf(drained))).kind, 'published') }
  void source.offer(await textOf(''))
  const runtime = await startRuntime({ source, stateFolder: folder, workers, env: { ...process.env, KEY: 'a key of sixteen bytes' } })
  t.teardown(async () => {
    await runtime.close(0)
    for (const server of servers) await server.die().catch(() => {})
    remove()
  })
  const base = `http://127.0.0.1:${(await runtime.status()).listeners[0]!.port}`
  const healthOf = async ({ port }: Patient): Promise<boolean> => (await runtime.status()).targets.find(({ target }) => target.endsWith(`:${port}`))!.healthy
  return { servers, base, reload, healthOf }
}

for (const workers of [0, 2]) {
  test.serial(`servers die, hang, come back and drain under load: no request fails, with ${workers} workers`, async (t) => {
    const { servers: [a, b, c], base, reload, healthOf } = await shop(t, workers)
    const failed: string[] = []
    const served = new Map<string, number>()
    let running = true
    const customer = async (client: Client, sticky: boolean): Promise<void> => {
      let cookie = ''
      while (running) {
        const { status, body, headers } = await client.get(`${base}/x`, cookie === '' ? {} : { cookie }).catch((error: Error) => ({ status: 0, body: error.message, headers: {} as Record<string, string[]> }))
        if (status !== 200) failed.push(`${status} ${body}`)
        served.set(body, (served.get(body) ?? 0) + 1)
        const set = headers['set-cookie']
        if (sticky && set !== undefined) cookie = set[0]!.split(';')[0]!
      }
    }
    const clients = Array.from({ length: 8 }, () => keptAliveClient())
    const customers = clients.map((client, n) => customer(client, n % 2 === 0))
    const comesBack = async (server: Patient): Promise<void> => {
      await until(() => healthOf(server), (healthy) => healthy, `${server.name} to come back`)
      const before = served.get(server.name) ?? 0
      await until(async () => served.get(server.name) ?? 0, (now) => now > before, `requests at ${server.name}`)
    }

    await until(async () => [...served.keys()].sort().join(''), (names) => names === 'abc', 'all servers')
    await a.die()
    await reload()
    await until(() => healthOf(a), (healthy) => !healthy, 'a to be missed')
    await a.live()
    await comesBack(a)
    b.hangs = true
    await until(() => healthOf(b), (healthy) => !healthy, 'b to be missed')
    for (let n = 0; n < 5; n++) await reload()
    b.hangs = false
    await comesBack(b)
    await reload('c')
    await c.die()
    await c.live()
    await reload()
    await comesBack(c)
    running = false
    await Promise.all(customers)
    for (const client of clients) client.close()
    t.deepEqual(failed, [])
    t.true([...served.values()].reduce((sum, count) => sum + count, 0) > 500)
  })
}

test.serial('a cookie keeps its customer over reloads, while its server drains, and lets go when it dies', async (t) => {
  const { servers, base, reload, healthOf } = await shop(t, 2)
  const client = keptAliveClient()
  t.teardown(client.close)
  const first = await client.get(base)
  const set = first.headers['set-cookie']![0]!
  t.regex(set, /^gwc-target=[\w-]{16}\.[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/)
  const cookie = set.split(';')[0]!
  const home = servers.find(({ name }) => name === first.body)!
  const stays = async (): Promise<void> => {
    for (let n = 0; n < 10; n++) {
      const { body, headers } = await client.get(base, { cookie })
      t.is(body, home.name)
      t.is(headers['set-cookie'], undefined)
    }
  }
  await stays()
  await reload()
  await stays()
  await reload(home.name)
  await stays()
  for (let n = 0; n < 6; n++) t.not((await client.get(base)).body, home.name, 'new customers go elsewhere')
  await home.die()
  await until(() => healthOf(home), (healthy) => !healthy, 'the death to be seen')
  const moved = await client.get(base, { cookie })
  t.not(moved.body, home.name)
  const other = moved.headers['set-cookie']![0]!.split(';')[0]!
  t.is((await client.get(base, { cookie: other })).body, moved.body)
  t.not((await client.get(base, { cookie: `${cookie}x` })).headers['set-cookie'], undefined)
  await home.live()
})
