import { once } from 'node:events'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import tls from 'node:tls'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { programSource } from '../runtime/sources/program.ts'
import { startRuntime } from '../runtime/start.ts'
import { RawClient } from './support/data-path.ts'
import { bundleOf, revised, temporaryFolder, until } from './support/live.ts'
import { createAuthority } from './support/openssl.ts'

/* Tcp listeners of a running gateway: bytes are passed on as they are, TLS is told apart by the name asked for. */

const shared = temporaryFolder()
const authority = createAuthority(join(shared.folder, 'authority'))
const certificates = join(shared.folder, 'certificates')
for (const name of ['a.example.com', 'b.example.com', 'other.test']) authority.issue(certificates, name, [name])
test.after.always(shared.remove)

interface Target { readonly port: number, readonly sockets: Set<Socket>, readonly received: () => string }

/** Echoes, after its name. */
async function echo (t: ExecutionContext, name: string): Promise<Target> {
  const sockets = new Set<Socket>()
  let received = ''
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => { sockets.delete(socket) })
    socket.on('data', (data) => { if (received.length < 10_000) received += data.toString('latin1') })
    socket.write(name)
    socket.pipe(socket)
  })
  return await listening(t, server, sockets, () => received)
}

async function listening (t: ExecutionContext, server: net.Server, sockets: Set<Socket>, received = (): string => ''): Promise<Target> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sockets, received }
}

/** A TLS server that answers with its name. */
async function secure (t: ExecutionContext, name: string): Promise<Target> {
  const sockets = new Set<Socket>()
  const server = tls.createServer({ cert: readFileSync(join(certificates, `${name}.crt`)), key: readFileSync(join(certificates, `${name}.key`)) }, (socket) => { socket.end(name) })
  server.on('connection', (socket) => { sockets.add(socket) })
  server.on('tlsClientError', () => {})
  return await listening(t, server, sockets)
}

async function closedPort (): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const at = (port: number): string => `tcp://127.0.0.1:${port}`

async function serve (t: ExecutionContext, listener: object, upstreams: object, more: { readonly workers?: number } = {}) {
  const { folder, remove } = temporaryFolder()
  const source = programSource('the test')
  const lines: string[] = []
  let sequence = 0
  const textOf = async (options: object, targets: object): Promise<string> =>
    revised(await bundleOf({ listeners: { raw: { protocol: 'tcp', port: 0, address: '127.0.0.1', ...options } }, upstreams: targets, routes: [] }), ++sequence)
  void source.offer(await textOf(listener, upstreams))
  const runtime = await startRuntime({ source, stateFolder: folder, admin: null, accessLog: (line) => { lines.push(line) }, ...more })
  t.teardown(async () => {
    await runtime.close(0)
    remove()
  })
  return { runtime, lines, port: (await runtime.status()).listeners[0]!.port, offer: async (options: object, targets: object) => (await source.offer(await textOf(options, targets))).kind }
}

test('bytes pass both ways, 16 MiB whole, half-closes too, and the log tells how many', async (t) => {
  const target = await echo(t, '')
  const { port, lines } = await serve(t, { to: 'db' }, { db: { targets: [at(target.port)] } })
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const size = 16 * 1024 * 1024
  const sent = createHash('sha256')
  const got = createHash('sha256')
  let count = 0
  socket.on('data', (part) => { got.update(part); count += part.length })
  for (let n = 0; n < size; n += 65_536) {
    const part = Buffer.from(Uint32Array.from({ length: 16_384 }, (_, i) => n + i).buffer)
    sent.update(part)
    if (!socket.write(part)) await once(socket, 'drain')
  }
  socket.end()
  await once(socket, 'end')
  t.is(count, size)
  t.is(got.digest('hex'), sent.digest('hex'))
  const line = await until(async () => lines[0], (found) => found !== undefined, 'the line of the log')
  const { received, sent: answered, reason, client, target: served, upstream } = JSON.parse(line!) as Record<string, unknown>
  t.deepEqual({ received, answered, reason, client, served, upstream }, { received: size, answered: size, reason: 'tcp-ok', client: '127.0.0.1', served: at(target.port), upstream: 'db' })
})

test('turns by weight; a target that cannot be reached is passed over; none at all closes the connection', async (t) => {
  const [a, b] = [await echo(t, 'a'), await echo(t, 'b')]
  const { port, offer, runtime } = await serve(t, { to: 'db' }, { db: { targets: [at(a.port), at(b.port)] } })
  const names = async (): Promise<string> => {
    let found = ''
    for (let n = 0; n < 4; n++) {
      const client = new RawClient(port)
      found += await client.until((all) => all !== '')
      client.destroy()
    }
    return found
  }
  t.is(await names(), 'abab')
  const dead = at(await closedPort())
  t.is(await offer({ to: 'db' }, { db: { targets: [dead, at(b.port)] } }), 'published')
  t.is(await names(), 'bbbb')
  t.is(await offer({ to: 'db' }, { db: { targets: [dead] } }), 'published')
  t.is(await new RawClient(port).all(), '')
  t.is((await runtime.status()).processes[0]!.exchanges['tcp-connect-failed'], 1)
})

test('a break of one side is a break for the other', async (t) => {
  const target = await echo(t, 'x')
  const { port } = await serve(t, { to: 'db' }, { db: { targets: [at(target.port)] } })
  const client = new RawClient(port)
  await client.until((all) => all === 'x')
  for (const socket of target.sockets) socket.resetAndDestroy()
  await client.all()
  t.true(client.reset)
  const second = new RawClient(port)
  await second.until((all) => all === 'x')
  const [socket] = [...target.sockets]
  const broken = new Promise<boolean>((resolve) => { socket!.once('error', () => { resolve(true) }).once('close', () => { resolve(false) }) })
  second.socket.resetAndDestroy()
  t.true(await broken)
})

test('a reader that does not read holds its sender up, not the memory', async (t) => {
  const sockets = new Set<Socket>()
  const server = net.createServer((socket) => { sockets.add(socket.on('error', () => {}).pause()) })
  const target = await listening(t, server, sockets)
  const { port } = await serve(t, { to: 'db' }, { db: { targets: [at(target.port)] } })
  const socket = net.connect(port, '127.0.0.1').on('error', () => {})
  let sent = 0
  const part = Buffer.alloc(65_536)
  for (let still = 0; still < 20;) {
    if (socket.writableLength === 0) {
      socket.write(part)
      sent += part.length
      still = 0
    } else still++
    await new Promise((resolve) => { setTimeout(resolve, 5) })
  }
  t.true(sent < 24 * 1024 * 1024, String(sent))
  socket.destroy()
})

test('TLS goes through by name: exact, wildcard, else the default; it ends at the target', async (t) => {
  const [a, b, other] = [await secure(t, 'a.example.com'), await secure(t, 'b.example.com'), await secure(t, 'other.test')]
  const upstreams = { a: { targets: [at(a.port)] }, b: { targets: [at(b.port)] }, other: { targets: [at(other.port)] } }
  const sni = [{ host: 'a.example.com', to: 'a' }, { host: '*.example.com', to: 'b' }]
  const { port, offer, runtime } = await serve(t, { to: 'other', sni }, upstreams)
  const ask = async (servername: string): Promise<string> => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false })
    let text = ''
    socket.on('data', (part) => { text += part })
    socket.on('error', () => {})
    await new Promise((resolve) => { socket.once('close', resolve) })
    return text
  }
  t.is(await ask('a.example.com'), 'a.example.com')
  t.is(await ask('A.Example.Com'), 'a.example.com')
  t.is(await ask('x.y.example.com'), 'b.example.com')
  t.is(await ask('elsewhere.test'), 'other.test')
  t.is(await ask(''), 'other.test')
  t.is(await offer({ sni }, { a: upstreams.a, b: upstreams.b }), 'published')
  t.is(await ask('elsewhere.test'), '')
  t.is(await new RawClient(port).send('GET / HTTP/1.1\r\n\r\n').all(), '')
  t.is((await runtime.status()).processes[0]!.exchanges['tcp-no-route'], 2)
})

test('a first message in pieces is put together; one that does not come is not waited for', async (t) => {
  const a = await echo(t, '')
  const { port, runtime } = await serve(t, { sni: [{ host: 'a.example.com', to: 'a' }], timeouts: { hello: '2s' } }, { a: { targets: [at(a.port)] } })
  const hello = await new Promise<Buffer>((resolve) => {
    const catcher = net.createServer((socket) => { socket.once('data', (data) => { socket.destroy(); catcher.close(); resolve(data) }) }).listen(0, '127.0.0.1', () => {
      tls.connect({ port: (catcher.address() as AddressInfo).port, host: '127.0.0.1', servername: 'a.example.com' }).on('error', () => {})
    })
  })
  // The same handshake in records of ten octets.
  const body = hello.subarray(5)
  const records = Buffer.concat(Array.from({ length: Math.ceil(body.length / 10) }, (_, n) => {
    const part = body.subarray(10 * n, 10 * n + 10)
    return Buffer.concat([Buffer.from([0x16, 3, 1, 0, part.length]), part])
  }))
  for (const bytes of [hello, records]) {
    const client = new RawClient(port)
    for (const octet of bytes) {
      client.socket.write(Buffer.from([octet]))
      if (Math.random() < 0.1) await new Promise((resolve) => { setImmediate(resolve) })
    }
    t.is(await client.until((all) => all.length === bytes.length), bytes.toString('latin1'))
    client.destroy()
  }
  t.is(await new RawClient(port).send(hello.toString('latin1', 0, 50)).all(), '')
  t.is((await runtime.status()).processes[0]!.exchanges['tcp-hello-timeout'], 1)
})

test('PROXY protocol, in and out', async (t) => {
  const target = await echo(t, '')
  const listener = { to: 'db', proxyProtocol: true, trustedProxies: ['127.0.0.1'] }
  const { port, offer } = await serve(t, listener, { db: { targets: [at(target.port)], proxyProtocol: 'v1' } })
  const client = new RawClient(port).send('PROXY TCP4 203.0.113.7 127.0.0.1 1234 80\r\nhello')
  t.is(await client.until((all) => all.endsWith('hello')), `PROXY TCP4 203.0.113.7 127.0.0.1 0 ${port}\r\nhello`)
  client.destroy()
  t.is(await offer({ to: 'db' }, { db: { targets: [at(target.port)], proxyProtocol: 'v2' } }), 'published')
  const plain = new RawClient(port).send('hello')
  const echoed = Buffer.from(await plain.until((all) => all.endsWith('hello')), 'latin1')
  t.is(echoed.length, 28 + 5)
  t.deepEqual([...echoed.subarray(12, 24)], [0x21, 0x11, 0, 12, 127, 0, 0, 1, 127, 0, 0, 1])
  t.is(echoed.readUInt16BE(26), port)
  plain.destroy()
})

test('connections are limited', async (t) => {
  const target = await echo(t, 'x')
  const { port } = await serve(t, { to: 'db', limits: { connections: 1 } }, { db: { targets: [at(target.port)] } })
  const first = new RawClient(port)
  await first.until((all) => all === 'x')
  t.is(await new RawClient(port).all(), '')
  first.destroy()
  await until(async () => await new RawClient(port).until((all) => all !== ''), (text) => text === 'x', 'room for another')
})

test('tunnels live on through reloads, even when their target goes; new ones see the new targets', async (t) => {
  const [a, b] = [await echo(t, 'a'), await echo(t, 'b')]
  const { port, offer } = await serve(t, { to: 'db' }, { db: { targets: [at(a.port)] } })
  const client = new RawClient(port)
  await client.until((all) => all === 'a')
  for (let n = 0; n < 20; n++) {
    t.is(await offer({ to: 'db' }, { db: { targets: [at(n % 2 === 0 ? b.port : a.port)] } }), 'published')
    t.is((await client.send(`${n};`).until((all) => all.endsWith(`${n};`))).slice(-`${n};`.length), `${n};`)
  }
  t.is(await offer({ to: 'db' }, { db: { targets: [at(b.port)] } }), 'published')
  t.is(await new RawClient(port).until((all) => all !== ''), 'b')
  t.true((await client.send('end').until((all) => all.endsWith('end'))).endsWith('end'))
  client.destroy()
})

test('workers share a tcp listener', async (t) => {
  const target = await echo(t, 'x')
  const { port, runtime } = await serve(t, { to: 'db' }, { db: { targets: [at(target.port)] } }, { workers: 2 })
  for (let n = 0; n < 6; n++) t.is(await new RawClient(port).until((all) => all !== ''), 'x')
  t.is((await runtime.status()).processes.length, 2)
})
