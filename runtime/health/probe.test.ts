import test from 'ava'
import type { ExecutionContext } from 'ava'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createSecureServer, createServer as createHttp2Server } from 'node:http2'
import type { Http2Server, ServerHttp2Stream } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import net from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { targetOptions } from '../../test/support/upstream-options.ts'
import type { ResolvedHealth, ResolvedTarget } from '../../schema/resolved.ts'
import { createTimeouts } from '../upstream/timeouts.ts'
import { startProbe } from './probe.ts'
import type { ProbeOptions } from './probe.ts'

const base: ResolvedHealth = {
  type: 'http', path: '/health?full', method: 'GET', host: null, port: null, service: '', status: [[200, 399]], body: null, interval: 5_000, timeout: 2_000, jitter: 0, rise: 2, fall: 3
}
const file = (name: string): string => readFileSync(new URL(`../../../test/support/certificates/${name}`, import.meta.url), 'utf8')

async function listen (t: ExecutionContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.close() })
  return (server.address() as AddressInfo).port
}

async function probe (t: ExecutionContext, target: Partial<ResolvedTarget>, health: Partial<ResolvedHealth> = {}, tls: Partial<ProbeOptions['tls']> = {}): Promise<string | undefined> {
  const timeouts = createTimeouts({ now: () => performance.now(), wall: () => Date.now() })
  t.teardown(() => { timeouts.close() })
  return await new Promise((resolve) => {
    startProbe({ upstream: 'up', target: targetOptions(target), protocol: 'http/1.1', health: { ...base, ...health }, tls: { verify: true, serverName: null, ca: null, certificate: null, key: null, ...tls }, proxyProtocol: null, timeouts }, resolve)
  })
}

const closedPort = async (): Promise<number> => {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('http: status, body, host, and what cannot be reached', async (t) => {
  const seen: string[] = []
  const answer: RequestListener = (req, res) => {
    seen.push(`${req.method} ${req.url} ${req.headers.host} ${req.headers['user-agent']}`)
    res.statusCode = Number(/^(\d{3})\.example$/.exec(req.headers.host ?? '')?.[1] ?? 200)
    res.end('all is well here')
  }
  const port = await listen(t, createServer(answer))
  t.is(await probe(t, { port }), undefined)
  t.is(seen[0], `GET /health?full 127.0.0.1:${port} gwc-health`)
  t.is(await probe(t, { port }, { host: '503.example' }), 'status 503')
  t.is(await probe(t, { port }, { host: '404.example', status: [[200, 200], [404, 404]] }), undefined)
  t.is(await probe(t, { port }, { method: 'HEAD' }), undefined)
  t.is(await probe(t, { port }, { body: 'well' }), undefined)
  t.is(await probe(t, { port }, { body: 'ill' }), 'the body does not contain the text')
  t.is(await probe(t, { port: await closedPort() }), 'connect-failed: ECONNREFUSED')
})

test('http: what is no HTTP, and a body without end', async (t) => {
  const port = await listen(t, net.createServer((socket) => { socket.on('error', () => {}).on('data', () => socket.write('nonsense\r\n\r\n')) }))
  t.regex((await probe(t, { port }))!, /^upstream-invalid/)
  const endless = await listen(t, createServer((req, res) => {
    res.on('error', () => {})
    const more = (): void => { while (!res.destroyed && res.write('x'.repeat(16_384))); res.once('drain', more) }
    more()
    req.resume()
  }))
  t.is(await probe(t, { port: endless }, { body: 'y' }), 'the body does not contain the text')
})

test('https is verified', async (t) => {
  const port = await listen(t, createHttpsServer({ key: file('target.key'), cert: file('target.crt') }, (_req, res) => { res.end() }))
  t.regex((await probe(t, { scheme: 'https', port }))!, /^connect-failed/)
  t.is(await probe(t, { scheme: 'https', port }, {}, { ca: file('authority.crt'), serverName: 'target.test' }), undefined)
  t.is(await probe(t, { scheme: 'https', port }, {}, { verify: false }), undefined)
  t.is(await probe(t, { scheme: 'https', port }, { type: 'tcp' }, { verify: false }), undefined)
})

test('tcp: the connection opens', async (t) => {
  const port = await listen(t, net.createServer())
  t.is(await probe(t, { port, scheme: 'tcp' }, { type: 'tcp' }), undefined)
  t.is(await probe(t, { port: await closedPort(), scheme: 'tcp' }, { type: 'tcp' }), 'ECONNREFUSED')
})

test('grpc: serving or not, by service, in clear text and over TLS', async (t) => {
  const answer = (stream: ServerHttp2Stream, path: string | undefined): void => {
    const parts: Buffer[] = []
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('end', () => {
      const service = Buffer.concat(parts).subarray(7).toString()
      const known: Readonly<Record<string, number>> = { '': 1, up: 1, down: 2 }
      if (path !== '/grpc.health.v1.Health/Check' || known[service] === undefined) {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5' }, { endStream: true })
        return
      }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => { stream.sendTrailers({ 'grpc-status': '0' }) })
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, known[service]]))
    })
  }
  const serve = (server: Http2Server): Http2Server => server.on('stream', (stream, headers) => { answer(stream, headers[':path']) })
  const port = await listen(t, serve(createHttp2Server()))
  t.is(await probe(t, { port }, { type: 'grpc' }), undefined)
  t.is(await probe(t, { port }, { type: 'grpc', service: 'up' }), undefined)
  t.is(await probe(t, { port }, { type: 'grpc', service: 'down' }), 'not serving')
  t.is(await probe(t, { port }, { type: 'grpc', service: 'strange' }), 'grpc-status 5')
  const secure = await listen(t, serve(createSecureServer({ key: file('target.key'), cert: file('target.crt') }) as unknown as Http2Server))
  t.is(await probe(t, { port: secure, scheme: 'https' }, { type: 'grpc' }, { ca: file('authority.crt'), serverName: 'target.test' }), undefined)
  t.truthy(await probe(t, { port: secure, scheme: 'https' }, { type: 'grpc' }))
  t.is(await probe(t, { port: await closedPort() }, { type: 'grpc' }), 'ECONNREFUSED')
})
