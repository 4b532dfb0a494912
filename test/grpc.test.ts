import { once } from 'node:events'
import http2 from 'node:http2'
import type { ClientHttp2Stream, Http2Server, IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { exchange, policy, startGateway } from './support/data-path.ts'
import type { GatewayOptions } from './support/data-path.ts'

/* HTTP/2 to targets: gRPC calls of every kind with their trailers and deadlines, and plain requests. */

type Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

interface Target { readonly port: number, readonly server: Http2Server, readonly sessions: ServerHttp2Session[] }

async function startTarget (t: ExecutionContext, handler: Handler, settings: http2.Settings = {}): Promise<Target> {
  const sessions: ServerHttp2Session[] = []
  const server = http2.createServer({ settings })
  server.on('session', (session) => { sessions.push(session) })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    handler(stream, headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server, sessions }
}

async function behind (t: ExecutionContext, handlers: readonly Handler[], options: GatewayOptions = {}, settings: http2.Settings = {}) {
  const targets = await Promise.all(handlers.map((handler) => startTarget(t, handler, settings)))
  const gateway = await startGateway({ ports: targets.map(({ port }) => port), ...options, upstream: { protocol: 'h2', ...options.upstream } })
  t.teardown(gateway.close)
  const session = http2.connect(`http://127.0.0.1:${gateway.port}`)
  session.on('error', () => {})
  t.teardown(() => { session.destroy() })
  const call = (headers: OutgoingHttpHeaders = {}): ClientHttp2Stream => session.request({
    ':method': 'POST', ':path': '/shop.Orders/Get', ':authority': 'orders', 'content-type': 'application/grpc', te: 'trailers', ...headers
  })
  return { targets, gateway, session, call }
}

interface Answer { readonly headers: IncomingHttpHeaders, readonly trailers: IncomingHttpHeaders, readonly body: string }

async function answerOf (stream: ClientHttp2Stream): Promise<Answer> {
  let headers: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders = {}
  let body = ''
  stream.on('response', (fields) => { headers = fields })
  stream.on('trailers', (fields) => { trailers = fields })
  stream.setEncoding('latin1').on('data', (part: string) => { body += part })
  await new Promise<void>((resolve, reject) => { stream.once('error', reject).once('close', resolve) })
  return { headers, trailers, body }
}

/** Echoes what it gets, then says so in trailers. */
const echo: Handler = (stream, headers) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'x-authority': headers[':authority'], 'x-path': headers[':path'], 'x-te': headers['te'], 'x-via': headers['via'] }, { waitForTrailers: true })
  stream.on('wantTrailers', () => { stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': 'fine' }) })
  stream.pipe(stream)
}
const failing = (status: string): Handler => (stream) => { stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status }, { endStream: true }) }

test('a unary call: message, fields and trailers pass', async (t) => {
  const { call, gateway } = await behind(t, [echo])
  const stream = call()
  stream.end('message')
  const { headers, trailers, body } = await answerOf(stream)
  t.is(body, 'message')
  t.deepEqual([headers['x-authority'], headers['x-path'], headers['x-te'], headers['x-via']], ['orders', '/shop.Orders/Get', 'trailers', '2.0 gwc'])
  t.is(headers['via'], '2.0 gwc')
  t.deepEqual([trailers['grpc-status'], trailers['grpc-message']], ['0', 'fine'])
  t.deepEqual(gateway.outcomes, ['0 success'])
  const second = call()
  second.end('again')
  t.is((await answerOf(second)).body, 'again')
  t.is(gateway.pools[0]!.idle, 1)
})

test('streams in both directions pass part by part', async (t) => {
  const { call } = await behind(t, [echo])
  const stream = call()
  stream.setEncoding('latin1')
  for (const part of ['one', 'two', 'three']) {
    stream.write(part)
    t.deepEqual(await once(stream, 'data'), [part])
  }
  const trailers = once(stream, 'trailers')
  stream.end()
  t.is((await trailers)[0]['grpc-status'], '0')
})

test('a call that fails at once has its status in the head', async (t) => {
  const { call } = await behind(t, [failing('5')])
  const stream = call()
  stream.end('x')
  t.is((await answerOf(stream)).headers['grpc-status'], '5')
})

test('one connection carries many calls, and more are opened when it is full', async (t) => {
  const { session, gateway, targets } = await behind(t, [echo], {}, { maxConcurrentStreams: 10 })
  const bodies = await Promise.all(Array.from({ length: 100 }, async (_, n) => {
    const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'a', te: 'trailers' })
    stream.end(String(n))
    return (await answerOf(stream)).body
  }))
  t.deepEqual(bodies, Array.from({ length: 100 }, (_, n) => String(n)))
  t.true(targets[0]!.sessions.length >= 1 && targets[0]!.sessions.length <= 100)
  t.is(gateway.upstream.load.active, 0)
  t.deepEqual(gateway.endpoints.map(({ active }) => active), [0])
})

test('clients of HTTP/1.1 reach targets of HTTP/2', async (t) => {
  const { gateway } = await behind(t, [(stream, headers) => {
    stream.respond({ ':status': 200, 'x-method': headers[':method'], 'set-cookie': ['a=1', 'b=2'] })
    stream.pipe(stream)
  }])
  const response = await exchange(gateway.port, 'POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n')
  t.regex(response, /^HTTP\/1\.1 200 [^]*set-cookie: a=1\r\nset-cookie: b=2\r\n[^]*5\r\nhello\r\n0\r\n\r\n$/)
  t.regex(await exchange(gateway.port, 'GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), /x-method: GET/)
  t.regex(await exchange(gateway.port, 'HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), /x-method: HEAD/)
})

test('the deadline of the client ends the call, in the words of gRPC', async (t) => {
  const { call } = await behind(t, [() => {}])
  const stream = call({ 'grpc-timeout': '100m' })
  stream.end('x')
  const { headers } = await answerOf(stream)
  t.deepEqual([headers[':status'], headers['content-type'], headers['grpc-status'], headers['grpc-message']], [200, 'application/grpc', '4', 'response-timeout'])
})

test('answers of the gateway are in the words of gRPC, for calls of gRPC alone', async (t) => {
  const { call, gateway } = await behind(t, [echo], { policies: [policy({ request: () => ({ status: 401, reason: 'unauthorized' }) })] })
  const stream = call()
  stream.end('x')
  t.is((await answerOf(stream)).headers['grpc-status'], '16')
  t.regex(await exchange(gateway.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 401/)
})

test('a refused stream is asked of another target, whatever its method; a broken one is not', async (t) => {
  const refusing: Handler = (stream) => { stream.close(http2.constants.NGHTTP2_REFUSED_STREAM) }
  const { call, gateway } = await behind(t, [refusing, echo])
  const stream = call()
  stream.end('message')
  t.is((await answerOf(stream)).body, 'message')
  t.deepEqual(gateway.outcomes, ['0 broken', '1 success'])
  const broken = await behind(t, [(hung) => { hung.close(http2.constants.NGHTTP2_INTERNAL_ERROR) }, echo])
  const lost = broken.call()
  lost.end('message')
  t.is((await answerOf(lost)).headers['grpc-status'], '14')
})

test('a response that breaks off is cut for its client', async (t) => {
  const { call } = await behind(t, [(stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
    stream.write('half', () => { stream.destroy(new Error('broken')) })
  }])
  const stream = call()
  stream.end('x')
  await t.throwsAsync(answerOf(stream))
})

test('a client that goes away ends its stream at the target', async (t) => {
  let gone: Promise<unknown> | undefined
  const { call, gateway } = await behind(t, [(stream) => { gone = new Promise((resolve) => { stream.once('close', resolve) }) }])
  const stream = call()
  stream.on('error', () => {})
  stream.end('x')
  while (gone === undefined) await new Promise((resolve) => { setImmediate(resolve) })
  stream.close(http2.constants.NGHTTP2_CANCEL)
  await gone
  await gateway.logged(1)
  t.is(gateway.upstream.load.active, 0)
})

test('a target that says goodbye loses no call', async (t) => {
  const { session, targets } = await behind(t, [echo])
  for (let n = 0; n < 30; n++) {
    const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'a' })
    stream.end(String(n))
    t.is((await answerOf(stream)).body, String(n))
    if (n % 10 === 5) for (const known of targets[0]!.sessions) known.close()
  }
})

test('a target that cannot be reached is 502', async (t) => {
  const { gateway, targets } = await behind(t, [echo])
  targets[0]!.server.close()
  for (const session of targets[0]!.sessions) session.destroy()
  t.regex(await exchange(gateway.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 502 [^]*"reason":"connect-failed"/)
})

test('large bodies both ways, whole, with slow readers', async (t) => {
  const { session } = await behind(t, [echo])
  const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': 'a' })
  const size = 8 * 1024 * 1024
  let got = 0
  stream.on('data', (part: Buffer) => { got += part.length })
  for (let sent = 0; sent < size; sent += 65_536) if (!stream.write(Buffer.alloc(65_536, sent >> 16))) await once(stream, 'drain')
  stream.end()
  await once(stream, 'close')
  t.is(got, size)
})
