import ava from 'ava'
import type { ExecutionContext } from 'ava'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import tls from 'node:tls'
import type { Failure } from '../schema/failure.ts'
import type { Answer } from '../schema/exchange.ts'
import type { LivePolicy } from '../runtime/chain.ts'
import { resetConnection } from '../runtime/http/reset.ts'
import { replyTo } from '../runtime/problem.ts'
import { RawClient, exchange, policy, startGateway, startRawTarget } from './support/data-path.ts'
import type { GatewayOptions } from './support/data-path.ts'

/* The data path over real sockets: streaming, aborts, timeouts, reuse of connections, failures, policies. One after the other: some have timeouts. */

const test = ava.serial

type Script = (socket: Socket, all: string, request: number) => void

async function behind (t: ExecutionContext, script: Script, options: GatewayOptions = {}) {
  const target = await startRawTarget(script)
  const gateway = await startGateway({ ports: [target.port], ...options })
  t.teardown(async () => {
    await gateway.close()
    await target.close()
  })
  return { target, gateway, port: gateway.port, pool: gateway.pools[0]! }
}

const headIn = (all: string): boolean => all.includes('\r\n\r\n')
const answer = (text: string): Script => (socket, all) => { if (headIn(all)) socket.write(text, 'latin1') }
const ok = answer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
const silent: Script = () => {}
const echoHead: Script = (socket, all) => { if (headIn(all)) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${all.indexOf('\r\n\r\n') + 4}\r\n\r\n${all.slice(0, all.indexOf('\r\n\r\n') + 4)}`, 'latin1') }
const get = (path = '/', fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
const last = 'Connection: close\r\n'
const statusOf = (response: string): number => Number(response.slice(9, 12))
const bodyOf = (response: string): string => response.slice(response.indexOf('\r\n\r\n') + 4)
/** Resolves when the target's first open connection closes. */
const targetCloses = async (target: { readonly sockets: ReadonlySet<Socket> }): Promise<void> => { await once([...target.sockets][0]!, 'close') }

// Streaming

test('trailers are announced only where they can follow', async (t) => {
  const { port } = await behind(t, (socket, all) => {
    if (headIn(all)) socket.write(`HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n${all.startsWith('HEAD') ? '' : '2\r\nok\r\n0\r\nX-T: 1\r\n\r\n'}`)
  })
  const asking = 'TE: trailers\r\nConnection: TE, close\r\n'
  t.regex(await exchange(port, get('/', asking)), /\r\nTrailer: X-T\r\n[^]*\r\nX-T: 1\r\n\r\n$/i)
  for (const request of [`GET / HTTP/1.0\r\nHost: a\r\n${asking}\r\n`, `HEAD / HTTP/1.1\r\nHost: a\r\n${asking}\r\n`, get('/', last)]) {
    const response = await exchange(port, request)
    t.is(statusOf(response), 200)
    t.notRegex(response, /trailer:/i)
  }
})

test('bodies stream both ways at once, part by part', async (t) => {
  const { port } = await behind(t, (socket, all) => {
    if (all.startsWith('POST')) socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    const part = all.match(/ping\d\r\n/g)?.at(-1)
    if (part !== undefined && !all.includes('0\r\n\r\n')) socket.write(`5\r\n${part.replace('i', 'o')}`)
    if (all.includes('0\r\n\r\n')) socket.write('0\r\n\r\n')
  })
  const client = new RawClient(port).send(`POST / HTTP/1.1\r\nHost: a\r\n${last}Transfer-Encoding: chunked\r\n\r\n`)
  for (let n = 0; n < 3; n++) t.regex(await client.send(`5\r\nping${n}\r\n`).until((received) => received.includes(`pong${n}`)), /^HTTP\/1\.1 200/)
  t.true((await client.send('0\r\n\r\n').all()).endsWith('pong2\r\n0\r\n\r\n'))
})

test('a body that breaks after its response has begun ends both', async (t) => {
  const { port, target, gateway } = await behind(t, (socket, all) => {
    if (all.startsWith('POST')) socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n')
  })
  const client = new RawClient(port).send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
  await client.until((received) => received.endsWith('ok\r\n'))
  const closes = targetCloses(target)
  t.true((await client.send(`zz\r\n${get('/smuggled')}`).all()).endsWith('\r\n2\r\nok\r\n'), 'cut short, as nobody could take for an end')
  await closes
  t.deepEqual(await gateway.logged(1), ['POST / 200 bad-request'])
})

test('a response head does not wait for its body', async (t) => {
  const { port } = await behind(t, answer('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'))
  const client = new RawClient(port).send(get())
  t.regex(await client.until(headIn), /Content-Length: 5/)
  client.destroy()
})

const mebibyte = 1024 * 1024

test('a client that does not read slows the target down: memory is bounded', async (t) => {
  const size = 64 * mebibyte
  let sent = 0
  const { port } = await behind(t, (socket, all) => {
    if (!headIn(all)) return
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
    const more = (): void => {
      while (sent < size) {
        sent += mebibyte / 16
        if (!socket.write(Buffer.alloc(mebibyte / 16, sent / mebibyte * 16))) return void socket.once('drain', more)
      }
    }
    more()
  })
  const client = new RawClient(port).send(get('/', last))
  await client.until(headIn)
  client.socket.pause()
  for (let before = -1; before !== sent;) {
    before = sent
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  t.true(sent < 24 * mebibyte, `${sent} bytes left the target`)
  client.socket.resume()
  t.is(bodyOf(await client.all()).length, size)
})

test('a target that does not read slows the client down, and gets every byte', async (t) => {
  const size = 64 * mebibyte
  let got = 0
  let held: Socket | undefined
  const { port } = await behind(t, (socket, all) => {
    got += all.length
    if (held === undefined) (held = socket).pause()
    if (got > size) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const client = new RawClient(port).send(`PUT / HTTP/1.1\r\nHost: a\r\n${last}Content-Length: ${size}\r\n\r\n`)
  let sent = 0
  const more = (): void => {
    while (sent < size) {
      sent += mebibyte / 16
      if (!client.socket.write(Buffer.alloc(mebibyte / 16, 120))) return void client.socket.once('drain', more)
    }
  }
  more()
  for (let before = -1; before !== sent;) {
    before = sent
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  t.true(sent < 24 * mebibyte, `${sent} bytes left the client`)
  // The script above keeps all bytes in one string until it sees an empty line: count past it.
  held!.removeAllListeners('data')
  let body = 0
  held!.on('data', (data) => {
    body += data.length
    if (body + got >= size) held!.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  held!.resume()
  t.is(bodyOf(await client.all()), 'ok')
})

test('many large responses at the same time, to clients that read slowly, stay apart', async (t) => {
  const size = 200_000
  const { port } = await behind(t, (socket, all) => {
    if (!headIn(all)) return
    const letter = all[5]!
    const body = letter.repeat(size)
    socket.write(letter < 'E' ? `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${body}` : `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${body}\r\n0\r\n\r\n`)
  })
  await Promise.all([...'ABCDEFGH'].map(async (letter) => {
    const client = new RawClient(port).send(`${get(`/${letter}`).repeat(29)}${get(`/${letter}`, last)}`)
    client.socket.on('data', () => {
      client.socket.pause()
      setImmediate(() => setImmediate(() => client.socket.resume()))
    })
    const response = await client.all()
    const letters = response.replace(/HTTP\/1\.1 200 OK\r\n[^]*?\r\n\r\n/g, '').replace(/[^A-H]/g, '')
    t.is(letters.length, 30 * size)
    t.is(letters.replaceAll(letter, ''), '', `foreign bytes in the responses for ${letter}`)
  }))
})

// Aborts

test('a client that goes takes its request with it, wherever it stands', async (t) => {
  const { port, gateway, target, pool } = await behind(t, (socket, all) => { if (all.startsWith('GET /body')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello') })
  for (const [lines, request, arrived] of [[1, get('/silent'), ''], [2, get('/body'), 'hello'], [3, 'POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello', '']] as const) {
    const client = new RawClient(port).send(request)
    if (arrived !== '') await client.until((received) => received.includes(arrived))
    else while (target.sockets.size === 0) await new Promise((resolve) => setImmediate(resolve))
    const closed = targetCloses(target)
    client.destroy()
    await closed
    t.regex((await gateway.logged(lines))[lines - 1]!, /client-gone$/)
  }
  t.is(pool.active + pool.idle + pool.waiting, 0)
  t.is(gateway.retained, 0)
})

test('a client that ends its side before the answer counts as gone', async (t) => {
  const { port, gateway, target } = await behind(t, silent)
  const client = new RawClient(port).send(get())
  while (target.sockets.size === 0) await new Promise((resolve) => setImmediate(resolve))
  const closed = targetCloses(target)
  client.socket.end()
  await closed
  t.deepEqual(await gateway.logged(1), ['GET / 0 client-gone'])
  client.destroy()
})

test('a client that goes while it waits for a connection leaves the queue', async (t) => {
  const { port, gateway, pool } = await behind(t, silent, { upstream: { connections: { max: 1, pending: 1 } } })
  const first = new RawClient(port).send(get('/1'))
  while (pool.active === 0) await new Promise((resolve) => setImmediate(resolve))
  const second = new RawClient(port).send(get('/2'))
  while (pool.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
  second.destroy()
  await gateway.logged(1)
  t.is(pool.waiting, 0)
  first.destroy()
})

test('a target that cuts a response cuts the client', async (t) => {
  const { port, gateway } = await behind(t, (socket, all) => {
    if (!headIn(all)) return
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')
    setImmediate(() => resetConnection(socket))
  })
  const received = await exchange(port, get())
  t.true(received.endsWith('\r\n\r\nhello'))
  t.deepEqual(await gateway.logged(1), ['GET / 200 upstream-reset'])
})

// Timeouts

test('a silent target is 504, after the timeout of the upstream or of the route', async (t) => {
  const { port, gateway } = await behind(t, silent, { routes: [{ match: '/slow' }, { match: '/quick', timeout: 40 }], upstream: { timeouts: { response: 120 } } })
  for (const path of ['/slow', '/quick']) {
    const response = await exchange(port, get(path, last))
    t.is(statusOf(response), 504)
    t.regex(response, /Proxy-Status: gwc; error=http_response_timeout/)
  }
  t.deepEqual(await gateway.logged(2), ['GET /slow 504 response-timeout', 'GET /quick 504 response-timeout'])
  t.is(gateway.pools[0]!.active + gateway.pools[0]!.idle, 0)
})

test('a target that does not finish its TLS handshake is 504', async (t) => {
  const target = await startRawTarget(silent)
  const gateway = await startGateway({ ports: [{ scheme: 'https', port: target.port }], upstream: { timeouts: { connect: 60 } } })
  t.teardown(async () => { await gateway.close(); await target.close() })
  const response = await exchange(gateway.port, get('/', last))
  t.is(statusOf(response), 504)
  t.regex(response, /error=connection_timeout/)
})

test('a response body that stops is cut', async (t) => {
  const { port, gateway } = await behind(t, answer('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'), { upstream: { timeouts: { idle: 50 } } })
  t.true((await exchange(port, get())).endsWith('hello'))
  t.deepEqual(await gateway.logged(1), ['GET / 200 response-timeout'])
})

test('a request head that stops is 408', async (t) => {
  const { port } = await behind(t, ok, { timeouts: { head: 300, idle: 300 } })
  const response = await exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\n')
  t.is(statusOf(response), 408)
  t.regex(response, /application\/problem\+json/)
  t.is(await exchange(port, ''), '', 'who has sent nothing is told nothing')
})

test('a request body that stops is 408, and the target is let go', async (t) => {
  const { port, gateway } = await behind(t, silent, { timeouts: { body: 50 } })
  const response = await exchange(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello')
  t.is(statusOf(response), 408)
  t.regex(response, /Connection: close/)
  t.is(gateway.pools[0]!.active, 0)
})

test('an idle client connection is closed', async (t) => {
  const { port } = await behind(t, ok, { timeouts: { idle: 50 } })
  const client = new RawClient(port).send(get())
  t.true((await client.all()).endsWith('ok'))
})

test('a client that stops reading is cut off', async (t) => {
  const { port, gateway } = await behind(t, (socket, all) => { if (headIn(all)) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${32 * mebibyte}\r\n\r\n${'x'.repeat(32 * mebibyte)}`) }, { timeouts: { idle: 100 } })
  const client = new RawClient(port).send(get())
  await client.until(headIn)
  client.socket.pause()
  t.deepEqual(await gateway.logged(1), ['GET / 200 client-gone'])
  client.destroy()
})

test('a client that does not take the end of a response is cut off too', async (t) => {
  const { port, gateway } = await behind(t, (socket, all) => { if (headIn(all)) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`) }, { timeouts: { idle: 100 } })
  const client = new RawClient(port)
  client.socket.pause()
  client.send(get().repeat(90))
  const lines = await gateway.logged(2)
  while (!lines.some((line) => line.endsWith('client-gone'))) await gateway.logged(lines.length + 1)
  t.is(gateway.pools[0]!.active, 0)
  client.destroy()
})

test('the rest of a body that nobody wants must come soon', async (t) => {
  const { port, gateway } = await behind(t, answer('HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno'))
  const client = new RawClient(port).send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello')
  t.regex(await client.all(), /^HTTP\/1\.1 401 No\r\n[^]*no$/)
  t.deepEqual(await gateway.logged(1), ['POST / 401 ok'])
})

// Connections

test('connections to a target are reused, the latest first, and closed when unused', async (t) => {
  const { port, target, pool } = await behind(t, ok, { upstream: { connections: { idle: 300 } } })
  const client = new RawClient(port)
  for (let n = 1; n <= 3; n++) await client.send(get()).until((received) => received.split('ok').length > n)
  t.is(target.accepted, 1)
  t.is(pool.idle, 1)
  await targetCloses(target)
  t.is(pool.idle, 0)
  client.destroy()
})

test('a kept connection that the target has closed meanwhile: safe requests are sent again, once', async (t) => {
  const dying = new Set<Socket>()
  const { port, target } = await behind(t, (socket, all) => {
    if (!headIn(all)) return
    if (dying.has(socket)) return resetConnection(socket)
    dying.add(socket)
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  t.is(statusOf(await exchange(port, get('/', last))), 200)
  t.is(statusOf(await exchange(port, get('/', last))), 200)
  t.is(target.accepted, 2)
  const post = await exchange(port, `POST / HTTP/1.1\r\nHost: a\r\n${last}Content-Length: 2\r\n\r\nhi`)
  t.is(statusOf(post), 502)
  t.regex(post, /error=connection_terminated/)
})

test('a request without body but with effect is not sent again', async (t) => {
  const dying = new Set<Socket>()
  let posts = 0
  const { port } = await behind(t, (socket, all) => {
    if (!headIn(all)) return
    if (all.startsWith('POST')) posts++
    if (dying.has(socket)) return resetConnection(socket)
    dying.add(socket)
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  await exchange(port, get('/', last))
  t.is(statusOf(await exchange(port, `POST / HTTP/1.1\r\nHost: a\r\n${last}\r\n`)), 502)
  t.is(posts, 1)
})

test('without retries, a new connection that fails is not tried again', async (t) => {
  const { port, target } = await behind(t, (socket, all) => { if (headIn(all)) resetConnection(socket) }, { upstream: { retries: { max: 0 } } })
  t.is(statusOf(await exchange(port, get('/', last))), 502)
  t.is(target.accepted, 1)
})

test('connections are limited, waiting is limited, and the rest is told to come back', async (t) => {
  const held: Socket[] = []
  const { port, pool, target } = await behind(t, (socket, all) => { if (headIn(all)) held.push(socket) }, { upstream: { connections: { max: 1, pending: 1 } } })
  const first = new RawClient(port).send(get('/1', last))
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const second = new RawClient(port).send(get('/2', last))
  while (pool.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
  const third = await exchange(port, get('/3', last))
  t.is(statusOf(third), 503)
  t.regex(third, /Retry-After: 1\r\n/)
  t.regex(third, /error=connection_limit_reached/)
  held[0]!.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none')
  t.true((await first.all()).endsWith('one'))
  while (held.length === 1) await new Promise((resolve) => setImmediate(resolve))
  held[1]!.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo')
  t.true((await second.all()).endsWith('two'))
  t.is(target.accepted, 1)
})

test('who waits too long for a connection is told to come back', async (t) => {
  let asked = false
  const { port } = await behind(t, () => { asked = true }, { upstream: { connections: { max: 1 }, timeouts: { connect: 200 } } })
  const first = new RawClient(port).send(get('/1'))
  while (!asked) await new Promise((resolve) => setImmediate(resolve))
  t.is(statusOf(await exchange(port, get('/2', last))), 503)
  first.destroy()
})

test('targets take turns by weight', async (t) => {
  const named = (name: string): Script => answer(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${name}`)
  const targets = await Promise.all([startRawTarget(named('a')), startRawTarget(named('b')), startRawTarget(named('c'))])
  const gateway = await startGateway({ ports: targets.map(({ port }, index) => ({ port, weight: [2, 1, 0][index]! })) })
  t.teardown(async () => { await gateway.close(); for (const target of targets) await target.close() })
  let order = ''
  for (let n = 0; n < 6; n++) order += bodyOf(await exchange(gateway.port, get('/', last)))
  t.is(order, 'abaaba')
})

test('closing: requests end, connections are told so, idle ones close soon', async (t) => {
  const held: Socket[] = []
  const { port, gateway } = await behind(t, (socket, all) => { if (headIn(all)) held.push(socket) })
  const idle = new RawClient(port)
  await once(idle.socket, 'connect')
  const busy = new RawClient(port).send(get())
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const closed = gateway.listener.close(10_000)
  t.is(await idle.all(), '')
  held[0]!.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  t.regex(await busy.all(), /Connection: close\r\n[^]*ok$/)
  await closed
  t.is(gateway.listener.connections, 0)
})

test('closing: a request that is on its way on a kept connection is still served, and told that it is the last', async (t) => {
  const { port, gateway } = await behind(t, ok)
  const client = new RawClient(port).send(get())
  await client.until((text) => text.endsWith('ok'))
  // Sent before the client could know, read by the gateway after it began to close.
  client.send(get())
  const closed = gateway.listener.close(10_000)
  t.regex(await client.all(), /ok[^]*\r\nConnection: close\r\n[^]*ok$/)
  await closed
})

test('closing cuts what does not end in time', async (t) => {
  const { port, gateway, target } = await behind(t, silent)
  const client = new RawClient(port).send(get())
  while (target.sockets.size === 0) await new Promise((resolve) => setImmediate(resolve))
  await gateway.listener.close(30)
  t.is(await client.all(), '')
  t.is(gateway.retained, 0)
})

// HTTP

test('responses without body: HEAD, 204, 304, on connections that go on', async (t) => {
  const { port, target } = await behind(t, (socket, all) => {
    if (!headIn(all)) return
    const [, status = '200'] = /^\S+ \/(\d+)/.exec(all)!
    socket.write(`HTTP/1.1 ${status} X\r\n${status === '204' ? '' : 'Content-Length: 5\r\n'}ETag: "e"\r\n\r\n`)
  })
  const client = new RawClient(port)
  client.send('HEAD /200 HTTP/1.1\r\nHost: a\r\n\r\n')
  t.regex(await client.until((received) => received.split('\r\n\r\n').length > 1), /Content-Length: 5/)
  client.send(get('/204'))
  await client.until((received) => received.includes('204 X') && received.split('\r\n\r\n').length > 2)
  client.send(get('/304', last))
  const received = await client.all()
  t.is(received.match(/HTTP\/1\.1 (200|204|304) X/g)!.length, 3)
  t.true(received.endsWith('\r\n\r\n'))
  t.is(target.accepted, 1)
})

test('GET and DELETE keep their bodies', async (t) => {
  const { port } = await behind(t, (socket, all) => { if (all.endsWith('body!')) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n${all.slice(0, 3)}`) })
  for (const method of ['GET', 'DELETE', 'QUERY', 'PROPFIND', 'M-SEARCH']) {
    const response = await exchange(port, `${method} / HTTP/1.1\r\nHost: a\r\n${last}Content-Length: 5\r\n\r\nbody!`)
    t.is(bodyOf(response), method === 'QUERY' && statusOf(response) === 400 ? bodyOf(response) : method.slice(0, 3), method)
  }
})

test('100 Continue comes from the target', async (t) => {
  const { port } = await behind(t, (socket, all) => {
    if (headIn(all)) socket.write(/\r\nExpect: 100-continue\r\n/.test(all) ? 'HTTP/1.1 100 Continue\r\n\r\n' : 'HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n')
    if (all === 'hello') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const client = new RawClient(port).send(`POST / HTTP/1.1\r\nHost: a\r\n${last}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`)
  t.regex(await client.until(headIn), /^HTTP\/1\.1 100 Continue\r\n\r\n$/)
  t.regex(await client.send('hello').all(), /200 OK[^]*ok$/)
})

test('a final answer instead of 100 Continue: the connection closes, for the body may come or not', async (t) => {
  const { port } = await behind(t, answer('HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno'))
  const client = new RawClient(port).send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n')
  const received = await client.until((text) => text.endsWith('no'))
  t.regex(received, /^HTTP\/1\.1 417 No\r\n[^]*Connection: close\r\n/)
  client.destroy()
})

test('early hints reach HTTP/1.1 clients', async (t) => {
  const { port } = await behind(t, answer('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nX-Other: no\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
  t.regex(await exchange(port, get('/', last)), /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK/)
  t.regex(await exchange(port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n'), /^HTTP\/1\.1 200 OK/)
})

test('trailers reach clients that take them, but none that frames or authenticates', async (t) => {
  const { port } = await behind(t, answer('HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nVary: x\r\nSet-Cookie: a=b\r\n\r\n'))
  t.regex(await exchange(port, get('/', `TE: trailers\r\n${last}`)), /\r\nTrailer: X-Sum\r\n[^]*2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n$/)
  const without = await exchange(port, get('/', last))
  t.true(without.endsWith('2\r\nok\r\n0\r\n\r\n'))
  t.notRegex(without, /Trailer/)
})

test('HTTP/1.0 clients: no chunks, and connections are kept only where the end can be told', async (t) => {
  const { port } = await behind(t, (socket, all) => {
    if (headIn(all)) socket.write(all.startsWith('GET /chunks') ? 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n' : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const plain = await exchange(port, 'GET / HTTP/1.0\r\n\r\n')
  t.regex(plain, /Connection: close\r\n[^]*ok$/)
  const chunks = await exchange(port, 'GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  t.regex(chunks, /Connection: close\r\n/)
  t.true(chunks.endsWith('\r\n\r\nok'))
  const client = new RawClient(port).send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  t.regex(await client.until((received) => received.endsWith('ok')), /Connection: keep-alive\r\n/)
  t.true((await client.send('GET / HTTP/1.0\r\n\r\n').all()).endsWith('ok'))
})

test('a response may come before the request has ended', async (t) => {
  const { port, target, pool } = await behind(t, (socket, all) => { if (headIn(all)) socket.write('HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno') })
  const small = new RawClient(port).send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n')
  await small.until((received) => received.endsWith('no'))
  small.send('0123456789').send(get('/', last))
  t.is((await small.all()).match(/413 Too Much/g)!.length, 2, 'the rest of a small body is read, and the connection goes on')
  const large = await exchange(port, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n${'x'.repeat(100_000)}`)
  t.regex(large, /^HTTP\/1\.1 413 Too Much\r\n[^]*Connection: close\r\n[^]*no$/)
  t.is(target.accepted, 2, 'a connection with half a request on it is not used again')
  t.is(pool.idle, 0)
})

test('bodies over the limit are 413, declared or counted', async (t) => {
  const { port, gateway } = await behind(t, silent, { limits: { bodyBytes: 10 } })
  const declared = await exchange(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world')
  t.is(statusOf(declared), 413)
  const counted = await exchange(port, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n')
  t.is(statusOf(counted), 413)
  t.regex(counted, /"reason":"body-too-large"/)
  t.is(gateway.pools[0]!.active, 0)
})

// Routing

test('no route is 404, another method 405 with Allow, no target 503', async (t) => {
  const { port } = await behind(t, ok, { routes: [{ match: 'GET|POST /a' }], ports: [] })
  t.is(statusOf(await exchange(port, get('/b', last))), 404)
  const head = await exchange(port, `HEAD /b HTTP/1.1\r\nHost: a\r\n${last}\r\n`)
  t.regex(head, /^HTTP\/1\.1 404 [^]*Content-Length: \d+\r\n[^]*\r\n\r\n$/)
  const wrong = await exchange(port, `DELETE /a HTTP/1.1\r\nHost: a\r\n${last}\r\n`)
  t.is(statusOf(wrong), 405)
  t.regex(wrong, /Allow: GET, HEAD, POST\r\n/)
  t.is(statusOf(await exchange(port, get('/a', last))), 503)
})

test('a rewrite takes parameters as they stood in the path, keeps the query, and cannot leave its place', async (t) => {
  const { port } = await behind(t, echoHead, {
    routes: [
      { match: '/users/:id', rewrite: [{ text: '/v2/u/' }, { param: 0 }] },
      { match: '/files/*', rewrite: [{ text: '/f/' }, { param: 0 }] },
      { match: '/odd/:id', rewrite: [{ text: '/.' }, { param: 0 }] },
    ],
  })
  t.regex(await exchange(port, get('/users/a%20b?x=1', last)), /\r\n\r\nGET \/v2\/u\/a%20b\?x=1 /)
  t.regex(await exchange(port, get('/files/a/b', last)), /\r\n\r\nGET \/f\/a\/b /)
  t.regex(await exchange(port, get('/files/', last)), /\r\n\r\nGET \/f\/ /)
  t.regex(await exchange(port, get('/odd/x', last)), /\r\n\r\nGET \/\.x /)
  t.is(statusOf(await exchange(port, get('/odd/.;x', last))), 400)
})

test('Max-Forwards is counted down for OPTIONS and TRACE, and nobody else', async (t) => {
  const { port, target } = await behind(t, echoHead)
  const ask = async (method: string, hops: string): Promise<string> => await exchange(port, `${method} / HTTP/1.1\r\nHost: a\r\nMax-Forwards: ${hops}\r\n${last}\r\n`)
  t.regex(bodyOf(await ask('OPTIONS', '5')), /\r\nMax-Forwards: 4\r\n/)
  t.regex(bodyOf(await ask('GET', '0')), /\r\nMax-Forwards: 0\r\n/)
  const asked = target.accepted
  t.is(statusOf(await ask('OPTIONS', '0')), 204)
  t.is(statusOf(await ask('TRACE', '0')), 405)
  t.is(statusOf(await ask('OPTIONS', 'x')), 400)
  t.is(target.accepted, asked)
})

test('Host of the target, where the upstream asks for it', async (t) => {
  const { port, target } = await behind(t, echoHead, { upstream: { hostHeader: 'target' } })
  t.regex(await exchange(port, get('/', last)), new RegExp(`\\r\\nHost: 127\\.0\\.0\\.1:${target.port}\\r\\n[^]*\\r\\nX-Forwarded-Host: a\\r\\n`))
})

// TLS

const certificate = (name: string): string => readFileSync(new URL(`../../test/support/certificates/${name}`, import.meta.url), 'utf8')

test('targets with TLS are verified, asked by name, and their connections reused', async (t) => {
  const names: (string | false | undefined)[] = []
  const server = tls.createServer({ key: certificate('target.key'), cert: certificate('target.crt') }, (socket) => {
    names.push(socket.servername as string | false | undefined)
    socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const ask = async (upstream: NonNullable<GatewayOptions['upstream']>): Promise<string[]> => {
    const gateway = await startGateway({ ports: [{ scheme: 'https', port }], upstream })
    const responses = [await exchange(gateway.port, get('/', last)), await exchange(gateway.port, get('/', last))]
    await gateway.close()
    return responses
  }
  t.teardown(() => { server.close() })
  const untrusted = await ask({})
  t.is(statusOf(untrusted[0]!), 502)
  t.regex(untrusted[0]!, /error=tls_certificate_error/)
  const ca = certificate('authority.crt')
  const verified = await ask({ ca, tls: { serverName: 'target.test' } })
  t.deepEqual(verified.map((response) => [statusOf(response), bodyOf(response).length]), [[200, 100_000], [200, 100_000]])
  t.is(statusOf((await ask({ ca }))[0]!), 200, 'by address')
  t.is(statusOf((await ask({ ca, tls: { serverName: 'other.test' } }))[0]!), 502)
  t.is(statusOf((await ask({ tls: { verify: false } }))[0]!), 200)
  t.is(names.filter((name) => name === 'target.test').length, 1, 'two requests, one connection')
})

test('TLS settings that cannot be used are found when the pool is made', async (t) => {
  await t.throwsAsync(startGateway({ ports: [{ scheme: 'https', port: 1 }], upstream: { ca: '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----' } }))
})

// Failures

test('a target that refuses is 502, and no address reaches the client', async (t) => {
  const target = await startRawTarget(silent)
  await target.close()
  const gateway = await startGateway({ ports: [target.port], name: 'edge one' })
  t.teardown(gateway.close)
  const response = await exchange(gateway.port, get('/', last))
  t.is(statusOf(response), 502)
  t.regex(response, /Proxy-Status: "edge one"; error=connection_refused\r\n/)
  t.notRegex(response, /127\.0\.0\.1|ECONN|"up"/)
  t.regex(response, /"requestId":"[a-z0-9-]+"/)
})

const failures: readonly (readonly [Failure, status: number, error: string])[] = [
  [{ kind: 'bad-request', detail: 'x' }, 400, 'http_request_error'],
  [{ kind: 'head-too-large', detail: 'x' }, 431, 'http_request_error'],
  [{ kind: 'body-too-large', limit: 1 }, 413, 'http_request_error'],
  [{ kind: 'request-timeout', detail: 'x' }, 408, 'http_request_error'],
  [{ kind: 'no-route' }, 404, 'destination_not_found'],
  [{ kind: 'method-not-allowed', allow: [] }, 405, 'http_request_error'],
  [{ kind: 'no-target', upstream: 'u' }, 503, 'destination_unavailable'],
  [{ kind: 'overloaded', upstream: 'u', retryAfter: 1 }, 503, 'connection_limit_reached'],
  [{ kind: 'connect-failed', upstream: 'u', target: 't', detail: 'ECONNREFUSED' }, 502, 'connection_refused'],
  [{ kind: 'connect-failed', upstream: 'u', target: 't', detail: 'ENOTFOUND' }, 502, 'dns_error'],
  [{ kind: 'connect-failed', upstream: 'u', target: 't', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 502, 'tls_certificate_error'],
  [{ kind: 'connect-failed', upstream: 'u', target: 't', detail: 'EPROTO' }, 502, 'tls_protocol_error'],
  [{ kind: 'connect-timeout', upstream: 'u', target: 't' }, 504, 'connection_timeout'],
  [{ kind: 'response-timeout', upstream: 'u', target: 't' }, 504, 'http_response_timeout'],
  [{ kind: 'upstream-reset', upstream: 'u', target: 't', detail: 'x' }, 502, 'connection_terminated'],
  [{ kind: 'upstream-invalid', upstream: 'u', target: 't', detail: 'x' }, 502, 'http_protocol_error'],
  [{ kind: 'internal', detail: 'secret' }, 500, 'proxy_internal_error'],
]

test('every failure has one status and one Proxy-Status, and tells nothing it should not', (t) => {
  for (const [failure, status, error] of failures) {
    const reply = replyTo(failure, 'gwc', 'id')
    t.is(reply.status, status)
    t.is(reply.reason, failure.kind)
    t.is(reply.fields[reply.fields.indexOf('Proxy-Status') + 1], `gwc; error=${error}`)
    t.like(JSON.parse(reply.body), { status, reason: failure.kind, requestId: 'id' })
    t.notRegex(reply.body, /secret|"u"|"t"/)
  }
})

// Policies

const tea: Answer = { status: 418, reason: 'teapot', headers: [['X-Tea', 'green'], ['Content-Length', '7'], ['X-Split', 'a\r\nX-Injected: 1']], problem: { title: 'Tea', detail: 'short and stout', extensions: { cups: 2 } } }

test('policies run phase by phase, listener before route, and finish once', async (t) => {
  const order: string[] = []
  const note = (name: string, phase: LivePolicy['phase']): LivePolicy => policy({
    request: (x) => { order.push(`${name} request`); x.requestEdits.set(`x-${name}`, '1'); return undefined },
    response: (x) => { order.push(`${name} response ${x.status}`); x.responseEdits.append('x-seen', name) },
    finish: () => { order.push(`${name} finish`) },
  }, { phase, name })
  const { port, gateway } = await behind(t, echoHead, { policies: [note('l2', 'transform'), note('l1', 'admit')], routes: [{ match: '/*', policies: [note('r1', 'admit'), note('r2', 'transform')] }] })
  const response = await exchange(port, get('/', last))
  await gateway.logged(1)
  t.deepEqual(order, ['l1', 'r1', 'l2', 'r2'].map((name) => `${name} request`).concat(['l1', 'r1', 'l2', 'r2'].map((name) => `${name} response 200`), ['l1', 'r1', 'l2', 'r2'].map((name) => `${name} finish`)))
  t.regex(response, /x-seen: l1\r\nx-seen: r1\r\nx-seen: l2\r\nx-seen: r2\r\n/)
  t.regex(bodyOf(response), /x-l1: 1\r\nx-r1: 1\r\nx-l2: 1\r\nx-r2: 1\r\nX-Forwarded-For/)
})

test('the first answer wins; later policies are not asked, but may touch the response', async (t) => {
  const asked: string[] = []
  const { port, gateway, target } = await behind(t, ok, { routes: [{ match: '/*', policies: [
    policy({ request: () => { asked.push('first'); return undefined }, finish: () => { asked.push('first finish') } }),
    policy({ request: () => tea, finish: () => { asked.push('tea finish') } }),
    policy({ request: () => { asked.push('never'); return undefined }, response: (x) => { x.responseEdits.set('x-late', `${x.status} ${x.responseHeader('x-tea')} ${x.failure}`) }, finish: () => { asked.push('never') } }),
  ] }] })
  const response = await exchange(port, get('/', last))
  t.is(statusOf(response), 418)
  t.notRegex(response, /\r\nX-Injected|Content-Length: 7/)
  t.regex(response, /X-Tea: green\r\n[^]*x-late: 418 green undefined\r\n/)
  t.like(JSON.parse(bodyOf(response)), { title: 'Tea', detail: 'short and stout', cups: 2, status: 418, reason: 'teapot' })
  t.deepEqual(await gateway.logged(1), ['GET / 418 teapot'])
  t.deepEqual(asked, ['first', 'first finish', 'tea finish'])
  t.is(target.accepted, 0)
})

test('policies of the listener see requests without a route, and failures', async (t) => {
  const seen: unknown[] = []
  const { port } = await behind(t, ok, { routes: [{ match: '/a' }], policies: [policy({ response: (x) => { seen.push(x.route, x.status, x.failure?.kind); x.responseEdits.set('x-policy', 'yes') } })] })
  t.regex(await exchange(port, get('/b', last)), /^HTTP\/1\.1 404 [^]*x-policy: yes\r\n/)
  t.deepEqual(seen, [undefined, 404, 'no-route'])
})

test('shadow: it decides, is counted, and changes nothing', async (t) => {
  const counted: string[] = []
  const shadow = policy({
    request: (x) => { x.requestEdits.set('x-shadow', '1'); x.responseEdits.set('x-shadow', '1'); return tea },
    response: (x) => { x.responseEdits.set('x-shadow', '2') },
  }, { mode: 'shadow', count: (name) => counted.push(name) })
  const throwing = policy({ request: () => { throw new Error('shadow bug') } }, { mode: 'shadow', count: (name) => counted.push(name) })
  const { port, gateway } = await behind(t, echoHead, { routes: [{ match: '/*', policies: [shadow, throwing, policy({ request: (x) => { x.requestEdits.set('x-real', '1'); return undefined } })] }] })
  const response = await exchange(port, get('/', last))
  t.is(statusOf(response), 200)
  t.notRegex(response, /x-shadow/)
  t.regex(response, /x-real: 1/)
  t.deepEqual(counted, ['shadow-answers', 'errors'])
  t.is(gateway.bugs.length, 1)
})

test('a policy that throws fails that request only, closed', async (t) => {
  const broken = (path: string, handler: LivePolicy['handler']) => ({ match: path, policies: [policy(handler)] })
  const { port, gateway } = await behind(t, ok, { routes: [
    broken('/request', { request: () => { throw new Error('bug') } }),
    broken('/late', { request: async () => { await Promise.resolve(); throw new Error('bug') } }),
    broken('/response', { response: () => { throw new Error('bug') } }),
    broken('/late-response', { response: async () => { await Promise.resolve(); throw new Error('bug') } }),
    broken('/name', { request: (x) => { x.requestEdits.set('bad name', 'x'); return undefined } }),
    broken('/answer', { request: () => ({ status: 200, reason: 'x', headers: [['bad name', 'x']] }) }),
    broken('/status', { request: () => ({ status: 99, reason: 'x' }) }),
    broken('/finish', { finish: () => { throw new Error('bug') } }),
  ] })
  for (const path of ['/request', '/late', '/response', '/late-response', '/name', '/answer', '/status']) t.is(statusOf(await exchange(port, get(path, last))), 500, path)
  t.is(statusOf(await exchange(port, get('/finish', last))), 200)
  await gateway.logged(8)
  t.is(gateway.bugs.length, 8)
  t.is(gateway.retained, 0)
})

test('policies may take their time: requests and responses wait, bodies whole', async (t) => {
  const later = async (): Promise<undefined> => { await new Promise((resolve) => setImmediate(resolve)); return undefined }
  const body = 'x'.repeat(300_000)
  const { port } = await behind(t, (socket, all) => { if (headIn(all)) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`) }, {
    routes: [{ match: '/*', policies: [policy({ request: later, response: async (x) => { await later(); x.responseEdits.set('x-late', '1') } }), policy({ request: later })] }],
  })
  const response = await exchange(port, get('/', last))
  t.regex(response, /x-late: 1\r\n/)
  t.is(bodyOf(response).length, body.length)
})

test('a client that goes while a policy decides: nothing is sent on, and finish runs once', async (t) => {
  let decide = (): void => {}
  let finished = 0
  const { port, gateway, target } = await behind(t, ok, { routes: [{ match: '/*', policies: [policy({ request: () => new Promise((resolve) => { decide = () => resolve(undefined) }), finish: () => { finished++ } }), policy({ request: () => tea })] }] })
  const client = new RawClient(port).send(get())
  while (gateway.retained === 0) await new Promise((resolve) => setImmediate(resolve))
  client.destroy()
  while (gateway.listener.connections > 0) await new Promise((resolve) => setImmediate(resolve))
  t.is(finished, 0)
  decide()
  await gateway.logged(1)
  t.is(finished, 1)
  t.is(target.accepted, 0)
  t.is(gateway.retained, 0)
})

test('edits cannot break a head: framing, trusted fields, line ends', async (t) => {
  const { port } = await behind(t, echoHead, { routes: [{ match: '/*', policies: [policy({
    request: (x) => {
      for (const name of ['content-length', 'transfer-encoding', 'connection', 'host', 'via', 'x-forwarded-for']) x.requestEdits.set(name, 'evil')
      x.requestEdits.set('x-split', 'a\r\nX-Injected: 1')
      x.requestEdits.append('x-split', 'b\u010aX-Injected: 2')
      x.requestEdits.set('accept', 'one')
      x.requestEdits.remove('accept')
      x.requestEdits.append('accept', 'two')
      x.responseEdits.set('content-length', '1')
      x.responseEdits.set('x-out', 'a\r\nX-Injected: 1')
      return undefined
    },
  })] }] })
  const response = await exchange(port, get('/', `Accept: zero\r\n${last}`))
  t.notRegex(response, /evil|\r\nX-Injected/)
  t.regex(response, /\r\nx-split: a {2}X-Injected: 1\r\nx-split: b\xc4\x8aX-Injected: 2\r\naccept: two\r\n/)
  t.is(bodyOf(response).length, Number(/Content-Length: (\d+)/.exec(response)![1]))
})

test('what policies see: fields, query, cookies, parameters, addresses', async (t) => {
  const seen: Record<string, unknown> = {}
  const { port } = await behind(t, ok, {
    trustedProxies: ['127.0.0.1', '10.0.0.0/8'],
    routes: [{ match: '/users/:id/*', policies: [policy({
      request: (x) => {
        Object.assign(seen, {
          id: x.param('id'), none: x.param('none'), many: x.header('x-many'), cookie: x.cookie('b'), noCookie: x.cookie('c'), plain: x.query('q'), flag: x.query('flag'), noQuery: x.query('zz'), broken: x.query('e'),
          client: x.clientAddress, host: x.host, path: x.path, search: x.search, route: x.route, listener: x.listener, scheme: x.scheme, hidden: x.header('x-hidden'),
        })
        return undefined
      },
    })] }],
  })
  await exchange(port, 'GET /users/a%20b/c?q=a%20b+c&q=2&flag&e=%zz%ff HTTP/1.1\r\nHost: Shop.Example:81\r\nX-Many: 1\r\nx-many: 2\r\nCookie: a=1; b=two\r\nCookie: c2=3\r\nX-Forwarded-For: 1.1.1.1, 192.0.2.7, 10.1.2.3:99\r\nX-Hidden: 1\r\nConnection: close, x-hidden\r\n\r\n')
  t.deepEqual(seen, {
    id: 'a%20b', none: undefined, many: '1, 2', cookie: 'two', noCookie: undefined, plain: 'a b c', flag: '', noQuery: undefined, broken: '%zz\ufffd',
    client: '192.0.2.7', host: 'shop.example', path: '/users/a%20b/c', search: 'q=a%20b+c&q=2&flag&e=%zz%ff', route: '/users/:id/*', listener: 'public', scheme: 'http', hidden: undefined,
  })
})
