import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { programSource } from '../runtime/sources/program.ts'
import { startRuntime } from '../runtime/start.ts'
import { RawClient, policy, startGateway } from './support/data-path.ts'
import type { GatewayOptions } from './support/data-path.ts'
import { bundleOf, revised, temporaryFolder } from './support/live.ts'

/* WebSocket and other upgrades: the switch, and what passes after it. The target echoes; `refuse` in the path answers 403. */

interface Echo { readonly port: number, readonly sockets: Set<Socket>, readonly heads: IncomingMessage[] }

async function echoTarget (t: ExecutionContext): Promise<Echo> {
  const sockets = new Set<Socket>()
  const heads: IncomingMessage[] = []
  const server = createServer((req, res) => {
    heads.push(req)
    res.end(`plain ${req.headers.upgrade ?? 'nothing'}`)
  })
  server.on('upgrade', (req: IncomingMessage, socket: Socket, ahead: Buffer) => {
    heads.push(req)
    sockets.add(socket)
    socket.on('error', () => {})
    if (req.url!.includes('refuse')) {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
      return
    }
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${req.headers.upgrade}\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: abc\r\n\r\nwelcome`)
    socket.write(ahead)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets, heads }
}

async function behind (t: ExecutionContext, options: GatewayOptions = {}) {
  const target = await echoTarget(t)
  const gateway = await startGateway({ ports: [target.port], ...options })
  t.teardown(gateway.close)
  return { target, gateway, port: gateway.port }
}

const ask = (path = '/', protocol = 'websocket', fields = 'Connection: Upgrade\r\n'): string =>
  `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}Upgrade: ${protocol}\r\nSec-WebSocket-Key: k\r\n\r\n`

for (const lane of ['wire', 'wire-stream'] as const) {
  test(`bytes pass both ways after 101, from the first one on (${lane})`, async (t) => {
    const { port, target, gateway } = await behind(t, { lane })
    const client = new RawClient(port).send(`${ask('/chat?x=1')}early `)
    const first = await client.until((all) => all.includes('early'))
    t.regex(first, /^HTTP\/1\.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: abc\r\nVia: 1\.1 gwc\r\n\r\nwelcomeearly $/)
    client.send('later')
    t.true((await client.until((all) => all.includes('later'))).endsWith('later'))
    t.is(target.heads[0]!.headers['sec-websocket-key'], 'k')
    t.is(target.heads[0]!.headers.connection, 'Upgrade')
    t.is(gateway.endpoints[0]!.active, 1)
    client.socket.end()
    await client.all()
    t.deepEqual(await gateway.logged(1), ['GET /chat 101 ok'])
    t.is(gateway.endpoints[0]!.active, 0)
    t.is(gateway.retained, 0)
    t.is(gateway.pools[0]!.active, 0)
  })
}

test('16 MiB echo whole, in order, with bounded memory on the way', async (t) => {
  const { port } = await behind(t)
  const client = new RawClient(port).send(ask())
  await client.until((all) => all.includes('welcome'))
  let got = 0
  client.socket.removeAllListeners('data')
  const size = 16 * 1024 * 1024
  const done = new Promise<void>((resolve) => {
    client.socket.on('data', (part) => {
      for (let i = 0; i < part.length; i += 997) if (part[i] !== ((got + i) >> 4 & 255)) t.fail(`byte ${got + i}`)
      if ((got += part.length) >= size) resolve()
    })
  })
  for (let sent = 0; sent < size;) {
    const part = Buffer.from(Uint8Array.from({ length: 65_536 }, (_, i) => (sent + i) >> 4 & 255))
    sent += part.length
    if (!client.socket.write(part)) await once(client.socket, 'drain')
  }
  await done
  t.is(got, size)
  client.destroy()
})

test('the target ends or breaks off: so it does for the client, and the other way round', async (t) => {
  const { port, target, gateway } = await behind(t)
  const open = async (): Promise<{ client: RawClient, socket: Socket }> => {
    const client = new RawClient(port).send(ask())
    await client.until((all) => all.includes('welcome'))
    return { client, socket: [...target.sockets].at(-1)! }
  }
  const ended = await open()
  ended.socket.unpipe()
  ended.socket.end('bye')
  t.true((await ended.client.until((all) => all.endsWith('bye'))).endsWith('bye'))
  ended.client.destroy()
  const broken = await open()
  broken.socket.resetAndDestroy()
  await broken.client.all()
  const gone = await open()
  const closed = new Promise<void>((resolve) => { gone.socket.once('close', () => { resolve() }) })
  gone.client.socket.resetAndDestroy()
  await closed
  await gateway.logged(3)
  t.is(gateway.retained, 0)
})

test('a target that refuses answers as ever, and the connection is kept', async (t) => {
  const { port } = await behind(t)
  const client = new RawClient(port).send(ask('/refuse'))
  t.regex(await client.until((all) => all.endsWith('no')), /^HTTP\/1\.1 403 Forbidden\r\n/)
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  t.regex(await client.all(), /plain nothing/)
})

test('other protocols, and half a wish, are no switch', async (t) => {
  const { port } = await behind(t)
  for (const request of [ask('/', 'h2c'), ask('/', 'websocket', ''), ask('/', 'h2c', 'Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n')]) {
    const client = new RawClient(port).send(request)
    t.regex(await client.until((all) => all.includes('plain')), /^HTTP\/1\.1 200 [^]*plain nothing/)
    client.destroy()
  }
  const full = await behind(t, { lane: 'full' })
  const client = new RawClient(full.port).send(ask())
  t.regex(await client.until((all) => all.includes('plain')), /plain nothing/)
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  t.regex(await client.all(), /plain nothing[^]*plain nothing/)
})

test('a connection that the full lane serves can switch too', async (t) => {
  const { port } = await behind(t)
  const client = new RawClient(port).send('GET / HTTP/1.1\r\nHost: a\r\na_b: c\r\n\r\n')
  await client.until((all) => all.includes('plain'))
  client.send(`${ask()}early`)
  t.regex(await client.until((all) => all.includes('early')), /101 Switching Protocols[^]*welcomeearly$/)
  client.destroy()
})

test('policies decide before the target is asked', async (t) => {
  const { port, target } = await behind(t, { policies: [policy({ request: () => ({ status: 401, reason: 'unauthorized' }) })] })
  const client = new RawClient(port).send(ask())
  t.regex(await client.until((all) => all.includes('\r\n\r\n')), /^HTTP\/1\.1 401/)
  t.is(target.heads.length, 0)
  client.destroy()
})

test('a tunnel lives on through 1,000 reloads, even when its target is removed', async (t) => {
  const target = await echoTarget(t)
  const other = await echoTarget(t)
  const documentOf = (port: number): object => ({ listeners: { public: { port: 0 } }, upstreams: { app: { targets: [`http://127.0.0.1:${port}`] } }, routes: [{ match: '/*', to: 'app' }] })
  const bundle = await bundleOf(documentOf(target.port))
  const removed = await bundleOf(documentOf(other.port))
  const { folder, remove } = temporaryFolder()
  const source = programSource('the test')
  void source.offer(revised(bundle, 1))
  const runtime = await startRuntime({ source, stateFolder: folder, admin: null })
  t.teardown(async () => {
    await runtime.close(0)
    remove()
  })
  const client = new RawClient((await runtime.status()).listeners[0]!.port).send(ask())
  await client.until((all) => all.includes('welcome'))
  for (let n = 2; n <= 1_001; n++) {
    if ((await source.offer(revised(n === 1_001 ? removed : bundle, n))).kind !== 'published') t.fail(`reload ${n}`)
    if (n % 100 === 0) t.true((await client.send(`${n};`).until((all) => all.endsWith(`${n};`))).endsWith(`${n};`))
  }
  t.true((await client.send('still here').until((all) => all.endsWith('still here'))).endsWith('still here'))
  client.destroy()
})
