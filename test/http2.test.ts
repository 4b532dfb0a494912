import { createServer } from 'node:http'
import { once } from 'node:events'
import http2 from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { programSource } from '../runtime/sources/program.ts'
import { startRuntime } from '../runtime/start.ts'
import { RawClient, policy, startGateway, startRawTarget } from './support/data-path.ts'
import type { GatewayOptions } from './support/data-path.ts'
import { bundleOf, revised, startUpstream, temporaryFolder } from './support/live.ts'
import { createAuthority } from './support/openssl.ts'

/* HTTP/2 from clients, in clear text by prior knowledge and over TLS by ALPN, to targets that speak HTTP/1.1. */

const test2 = test.serial

interface Answer { readonly status: number, readonly headers: IncomingHttpHeaders, readonly body: string, readonly trailers: IncomingHttpHeaders | undefined }

function connect (t: ExecutionContext, port: number): ClientHttp2Session {
  const session = http2.connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  t.teardown(() => { session.destroy() })
  return session
}

async function ask (session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Answer> {
  const stream = session.request({ ':path': '/', ':authority': 'a', ...headers }, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  return await answerOf(stream)
}

async function answerOf (stream: ClientHttp2Stream): Promise<Answer> {
  let head: IncomingHttpHeaders & { ':status'?: number | undefined } = {}
  let trailers: IncomingHttpHeaders | undefined
  let body = ''
  stream.on('response', (fields) => { head = fields })
  stream.on('trailers', (fields) => { trailers = fields })
  stream.setEncoding('latin1')
  stream.on('data', (part: string) => { body += part })
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject)
    stream.once('close', resolve)
  })
  return { status: head[':status'] ?? 0, headers: head, body, trailers }
}

/** Answers with method, path, fields and body of the request. */
async function behindEcho (t: ExecutionContext, options: GatewayOptions = {}) {
  const server = createServer((req, res) => {
    let body = ''
    req.setEncoding('latin1')
    req.on('data', (part: string) => { body += part })
    req.on('end', () => { res.end(JSON.stringify({ line: `${req.method} ${req.url}`, headers: req.headers, body: body.length > 100 ? body.length : body })) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const gateway = await startGateway({ ports: [port], ...options })
  t.teardown(async () => {
    await gateway.close()
    server.closeAllConnections()
    server.close()
  })
  return gateway
}

const echoed = ({ body }: Answer): { line: string, headers: Record<string, string>, body: string | number } => JSON.parse(body) as ReturnType<typeof echoed>

test2('requests, bodies and fields reach a target of HTTP/1.1 as they would from there', async (t) => {
  const { port, log } = await behindEcho(t)
  const session = connect(t, port)
  const first = await ask(session, { ':path': '/a/../b?x=1', 'x-one': '1', cookie: ['a=1', 'b=2'], 'x-forwarded-for': '6.6.6.6' })
  t.is(first.status, 200)
  t.regex(String(first.headers.via), /^1\.1 gwc$/)
  const { line, headers } = echoed(first)
  t.is(line, 'GET /b?x=1')
  t.is(headers['host'], 'a')
  t.is(headers['cookie'], 'a=1; b=2')
  t.is(headers['x-one'], '1')
  t.is(headers['x-forwarded-for'], '127.0.0.1')
  t.is(headers['via'], '2.0 gwc')
  t.is(echoed(await ask(session, { ':method': 'POST' }, 'hello')).body, 'hello')
  t.is(echoed(await ask(session, { ':method': 'PUT', 'content-length': 5 }, 'hello')).headers['content-length'], '5')
  t.is(echoed(await ask(session, { ':method': 'POST' }, Buffer.alloc(3_000_000, 120))).body, 3_000_000)
  const head = await ask(session, { ':method': 'HEAD' })
  t.is(head.status, 200)
  t.is(head.body, '')
  t.is(log.length, 5)
})

test2('many streams at once, each with its own answer', async (t) => {
  const { port, pools } = await behindEcho(t)
  const session = connect(t, port)
  const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => ask(session, { ':path': `/${n}` })))
  t.deepEqual(answers.map((answer) => echoed(answer).line), Array.from({ length: 300 }, (_, n) => `GET /${n}`))
  t.true(pools[0]!.idle <= 100)
})

test2('trailers, early hints, 100 Continue', async (t) => {
  const target = await startRawTarget((socket, all) => {
    if (!all.includes('\r\n\r\n')) return
    if (all.includes('100-continue')) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\ngrpc-status: 0\r\ncontent-length: 9\r\n\r\n'.replace('content-length: 9\r\n', ''))
  })
  const gateway = await startGateway({ ports: [target.port] })
  t.teardown(async () => { await gateway.close(); await target.close() })
  const session = connect(t, gateway.port)
  const stream = session.request({ ':path': '/', ':authority': 'a', te: 'trailers' })
  const hints: unknown[] = []
  stream.on('headers', (fields) => { hints.push(fields.link) })
  const answer = await answerOf(stream)
  t.is(answer.body, 'ok')
  t.is(answer.trailers!['grpc-status'], '0')
  t.deepEqual(hints, ['</s.css>; rel=preload'])
  const waiting = session.request({ ':method': 'POST', ':path': '/', ':authority': 'a', expect: '100-continue', 'content-length': 2 })
  await once(waiting, 'continue')
  waiting.end('hi')
  t.is((await answerOf(waiting)).status, 200)
  t.is((await ask(session)).trailers, undefined)
})

test2('what is no proper request is refused, and the others go on', async (t) => {
  const { port } = await behindEcho(t, { limits: { headers: 10, bodyBytes: 10 } })
  const session = connect(t, port)
  const refused = async (headers: OutgoingHttpHeaders, body?: string): Promise<number> => (await ask(session, headers, body)).status
  t.is(await refused({ ':path': '/a%2fb' }), 400)
  t.is(await refused({ ':authority': 'a:b' }), 400)
  t.is(await refused({ host: 'b' }), 400)
  t.is(await refused({ ':method': 'STRANGE' }), 400)
  t.is(await refused(Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`x-${n}`, '1']))), 431)
  t.is(await refused({ ':method': 'POST' }, 'longer than ten'), 413)
  t.is(await refused({ ':method': 'POST', 'content-length': '15' }, 'longer than ten'), 413)
  t.is(await refused({}), 200)
})

test2('a target that breaks off cuts its stream alone', async (t) => {
  const target = await startRawTarget((socket, all) => {
    if (!all.includes('\r\n\r\n')) return
    if (all.startsWith('GET /chunks')) socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', () => socket.destroy())
    else if (all.startsWith('GET /break')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', () => socket.destroy())
    else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const gateway = await startGateway({ ports: [target.port] })
  t.teardown(async () => { await gateway.close(); await target.close() })
  const session = connect(t, gateway.port)
  for (const path of ['/break', '/chunks']) await t.throwsAsync(ask(session, { ':path': path }), { message: /NGHTTP2_INTERNAL_ERROR/ })
  t.is((await ask(session)).body, 'ok')
})

test2('policies see what they see elsewhere', async (t) => {
  const seen: string[] = []
  const { port } = await behindEcho(t, {
    policies: [policy({
      request: ({ method, host, path, search, scheme, clientAddress }) => {
        seen.push([method, host, path, search, scheme, clientAddress].join(' '))
        return undefined
      },
      response: (exchange) => { exchange.responseEdits.set('x-policy', 'yes') }
    })]
  })
  t.is((await ask(connect(t, port), { ':path': '/p?q=1' })).headers['x-policy'], 'yes')
  t.deepEqual(seen, ['GET a /p q=1 http 127.0.0.1'])
})

test2('requests that are taken back as fast as they come end the connection, and nobody else is harmed', async (t) => {
  const { port, upstream } = await behindEcho(t)
  const bystander = connect(t, port)
  const attacker = connect(t, port)
  const over = new Promise<void>((resolve) => { attacker.once('close', resolve) })
  for (let n = 0; n < 2_000 && !attacker.destroyed; n++) {
    const stream = attacker.request({ ':path': '/', ':authority': 'a' })
    stream.on('error', () => {})
    stream.close(http2.constants.NGHTTP2_CANCEL)
    if (n % 20 === 0) await new Promise((resolve) => { setImmediate(resolve) })
  }
  await over
  t.is((await ask(bystander)).status, 200)
  while (upstream.load.active > 0) await new Promise((resolve) => { setImmediate(resolve) })
  t.is(upstream.load.active, 0)
})

/** A frame of HTTP/2 (RFC 9113, section 4.1). */
function frame (type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

for (const [what, payload] of [
  ['fields', Buffer.concat(Array.from({ length: 120 }, () => Buffer.from(`\0\x04x-aa\x64${'y'.repeat(100)}`, 'latin1')))],
  ['nothing', Buffer.alloc(0)]
] as const) {
  test2(`a head that never ends, continued with ${what}, ends the connection, and nobody else is harmed`, async (t) => {
    const { port, bugs } = await behindEcho(t)
    const bystander = connect(t, port)
    const client = new RawClient(port)
    t.teardown(() => { client.destroy() })
    client.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    client.send(frame(4, 0, 0, Buffer.alloc(0)).toString('latin1'))
    client.send(frame(1, 0, 1, Buffer.from([0x82, 0x84, 0x86])).toString('latin1'))
    const more = frame(9, 0, 1, payload).toString('latin1')
    let frames = 0
    while (!client.closed && frames < 2_000) {
      frames++
      client.send(more)
      await new Promise((resolve) => { setImmediate(resolve) })
    }
    t.true(client.closed, 'the connection is closed')
    t.true(frames < 200, `after ${frames} frames`)
    t.is((await ask(bystander)).status, 200)
    t.deepEqual(bugs, [])
  })
}

test2('slow bodies are 408, clients that take nothing are let go', async (t) => {
  const { port } = await behindEcho(t, { timeouts: { body: 200 } })
  const session = connect(t, port)
  const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'a' })
  stream.write('half')
  t.is((await answerOf(stream)).status, 408)
  t.is((await ask(session)).status, 200)
  const target = await startRawTarget((socket, all) => { if (all.includes('\r\n\r\n')) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${8 * 1024 * 1024}\r\n\r\n${'x'.repeat(8 * 1024 * 1024)}`) })
  const gateway = await startGateway({ ports: [target.port], timeouts: { idle: 300 } })
  t.teardown(async () => { await gateway.close(); await target.close() })
  const still = connect(t, gateway.port).request({ ':path': '/', ':authority': 'a' })
  still.on('error', () => {})
  still.pause()
  await new Promise<void>((resolve) => { still.once('close', resolve) })
  await gateway.logged(1)
  t.regex(gateway.log[0]!, /client-gone$/)
})

test2('closing a listener loses no stream', async (t) => {
  let finish = (): void => {}
  const target = await startRawTarget((socket, all) => { if (all.includes('\r\n\r\n')) finish = () => { socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok') } })
  const gateway = await startGateway({ ports: [target.port] })
  t.teardown(async () => { await target.close() })
  const session = connect(t, gateway.port)
  const answer = ask(session)
  while (target.sockets.size === 0 || gateway.upstream.load.active === 0) await new Promise((resolve) => { setImmediate(resolve) })
  await new Promise((resolve) => { setTimeout(resolve, 50) })
  const closed = gateway.listener.close(5_000)
  finish()
  t.is((await answer).body, 'ok')
  await closed
  t.true(session.closed || session.destroyed)
})

test2('without http2, and as HTTP/1.1, the preface is no request', async (t) => {
  const { port } = await behindEcho(t, { http2: false })
  t.regex(await new RawClient(port).send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n').all(), /^HTTP\/1\.1 (?:400|505)/)
})

test2('over TLS it is negotiated, and hosts of other certificates are misdirected', async (t) => {
  const { folder, remove } = temporaryFolder()
  const authority = createAuthority(join(folder, 'authority'))
  authority.issue(join(folder, 'certificates'), 'a', ['a.example.com', 'b.example.com'])
  const upstream = await startUpstream()
  const source = programSource('the test')
  const documentOf = (http2On: boolean): object => ({
    listeners: { public: { port: 0, address: '127.0.0.1', http2: http2On, tls: { certificates: join(folder, 'certificates') } } },
    upstreams: { app: { targets: [upstream.url] } }, routes: [{ match: '/*', to: 'app' }]
  })
  void source.offer(revised(await bundleOf(documentOf(true)), 1))
  const runtime = await startRuntime({ source, stateFolder: join(folder, 'state'), admin: null })
  t.teardown(async () => {
    await runtime.close(0)
    await upstream.close()
    remove()
  })
  const { port } = (await runtime.status()).listeners[0]!
  const open = async (): Promise<ClientHttp2Session> => {
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca: authority.certificate, servername: 'a.example.com' })
    t.teardown(() => { session.destroy() })
    await new Promise<void>((resolve, reject) => { session.once('connect', () => { resolve() }).once('error', reject) })
    return session
  }
  const session = await open()
  t.is((await ask(session, { ':authority': 'a.example.com' })).body, 'GET /')
  t.is((await ask(session, { ':authority': 'b.example.com' })).body, 'GET /')
  t.is((await ask(session, { ':authority': 'c.example.com' })).status, 421)
  await source.offer(revised(await bundleOf(documentOf(false)), 2))
  t.is((await ask(session, { ':authority': 'a.example.com' })).body, 'GET /')
  await t.throwsAsync(open())
})
