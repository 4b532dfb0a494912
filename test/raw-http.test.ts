import test from 'ava'
import type { ExecutionContext } from 'ava'
import fc from 'fast-check'
import { RawClient, exchange, startGateway, startRawTarget } from './support/data-path.ts'
import { resetConnection } from '../runtime/http/reset.ts'
import type { GatewayOptions } from './support/data-path.ts'

/*
 * Bytes in, bytes out: what is ambiguous is refused and the connection closed, the path that was authorised is the path that is
 * forwarded, and a hostile target harms nobody.
 */

/** A gateway in front of a target that answers each request with its head as body. */
async function withEcho (t: ExecutionContext, options: GatewayOptions = {}) {
  const target = await startRawTarget((socket, all) => {
    if (!all.includes('\r\n\r\n')) return
    const head = all.slice(0, all.indexOf('\r\n\r\n') + 4)
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${head.length}\r\n\r\n${head}`)
  })
  const gateway = await startGateway({ ports: [target.port], ...options })
  t.teardown(async () => {
    await gateway.close()
    await target.close()
  })
  return { target, gateway, port: gateway.port }
}

/** A gateway in front of a target that answers every request with these bytes, then closes when told. */
async function withAnswer (t: ExecutionContext, answer: string, close: 'keep' | 'end' | 'reset' = 'keep', options: GatewayOptions = {}) {
  const target = await startRawTarget((socket, all) => {
    if (!all.includes('\r\n\r\n')) return
    socket.write(answer, 'latin1')
    if (close === 'end') socket.end()
    if (close === 'reset') setImmediate(() => resetConnection(socket))
  })
  const gateway = await startGateway({ ports: [target.port], ...options })
  t.teardown(async () => {
    await gateway.close()
    await target.close()
  })
  return { target, gateway, port: gateway.port }
}

const statusOf = (response: string): number => Number(response.slice(9, 12))
const bodyOf = (response: string): string => response.slice(response.indexOf('\r\n\r\n') + 4)
const get = (target: string, fields = ''): string => `GET ${target} HTTP/1.1\r\nHost: a.example\r\n${fields}Connection: close\r\n\r\n`

const refused: readonly (readonly [what: string, bytes: string])[] = [
  ['Content-Length with Transfer-Encoding', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['Transfer-Encoding with Content-Length', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n'],
  ['two different Content-Length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde'],
  ['two equal Content-Length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd'],
  ['a list in Content-Length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\nabcd'],
  ['a signed Content-Length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd'],
  ['an empty Content-Length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n'],
  ['a huge Content-Length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\n'],
  ['a coding before chunked', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['an unknown coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['chunked twice', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['chunked in HTTP/1.0', 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a folded field', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n'],
  ['a space before the colon', 'GET / HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n'],
  ['a space before the first field', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n'],
  ['a field without name', 'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n'],
  ['a field without colon', 'GET / HTTP/1.1\r\nHost: a\r\nX-A\r\n\r\n'],
  ['a bare CR in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\rc\r\n\r\n'],
  ['a bare LF after a field', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\nX-C: d\r\n\r\n'],
  ['a bare LF after the request line', 'GET / HTTP/1.1\nHost: a\r\n\r\n'],
  ['NUL in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n'],
  ['a control character in a name', 'GET / HTTP/1.1\r\nHost: a\r\nX\x01A: b\r\n\r\n'],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n'],
  ['two Host fields', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['two equal Host fields', 'GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n'],
  ['user information in Host', 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n'],
  ['a path in Host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  ['a list in Host', 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n'],
  ['a broken IPv6 literal', 'GET / HTTP/1.1\r\nHost: [::g]\r\n\r\n'],
  ['a port out of range', 'GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n'],
  ['another host in the target', 'GET http://b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['another port in the target', 'GET http://a.example:81/ HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['another scheme in the target', 'GET https://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['user information in the target', 'GET http://u@a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['a target in HTTP/1.0 without Host', 'GET http://a.example/ HTTP/1.0\r\n\r\n'],
  ['a target that is no path', 'GET a.example HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['* for GET', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an encoded slash', get('/a%2Fb')],
  ['an encoded slash in lower case', get('/a%2fb')],
  ['a backslash', get('/a\\b')],
  ['an encoded backslash', get('/a%5Cb')],
  ['an encoded NUL', get('/a%00')],
  ['an encoded line end', get('/a%0d%0ab')],
  ['a broken escape', get('/a%zz')],
  ['a cut escape', get('/a%2')],
  ['raw bytes beyond ASCII', get('/\xe9')],
  ['raw bytes beyond ASCII in the query', get('/?q=\xe9')],
  ['a fragment', get('/a#b')],
  ['a fragment in the query', get('/a?b#c')],
  ['a dot segment with parameters', get('/x/..;/admin')],
  ['an encoded dot segment with parameters', get('/x/%2e%2e%3bq/admin')],
  ['a space in the target', get('/a b')],
  ['HTTP/2 in an HTTP/1 request line', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'],
  ['HTTP/0.9', 'GET /\r\n\r\n'],
  ['a method that is no token', 'G(T / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an unknown expectation', 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-maybe\r\nContent-Length: 1\r\n\r\nx'],
  ['TLS on a clear port', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
]

for (const [what, bytes] of refused) {
  test(`refuses and closes: ${what}`, async (t) => {
    const { port, target } = await withEcho(t)
    const response = await exchange(port, `${bytes}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`)
    t.is(statusOf(response), 400)
    t.regex(response, /Content-Type: application\/problem\+json\r\n/)
    t.regex(response, /Connection: close\r\n/i)
    t.is(response.match(/HTTP\/1\.1 \d/g)!.length, 1, 'one response, and no other')
    t.is(target.accepted, 0)
  })
}

const badChunks: readonly (readonly [what: string, body: string])[] = [
  ['a size that is no number', 'x\r\nabc\r\n0\r\n\r\n'],
  ['a signed size', '-1\r\nabc\r\n0\r\n\r\n'],
  ['a size with 0x', '0x3\r\nabc\r\n0\r\n\r\n'],
  ['a size beyond 64 bits', '10000000000000003\r\nabc\r\n0\r\n\r\n'],
  ['data longer than its size', '3\r\nabcd\r\n0\r\n\r\n'],
  ['bare LF after the size', '3\nabc\r\n0\r\n\r\n'],
  ['bare LF in an extension', '3;a\nabc\r\n0\r\n\r\n'],
]

for (const [what, body] of badChunks) {
  test(`a chunked body with ${what} never reaches the target whole`, async (t) => {
    const { port, gateway } = await withEcho(t)
    const response = await exchange(port, `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`)
    t.false(response.includes('smuggled'))
    t.true(response === '' || statusOf(response) === 400 || response.split('HTTP/1.1 ').length === 2)
    t.false((await gateway.logged(1)).some((line) => line.includes('smuggled')))
  })
}

const paths: readonly (readonly [sent: string, forwarded: string])[] = [
  ['/', '/'],
  ['/a/b', '/a/b'],
  ['/a/b/', '/a/b/'],
  ['/./admin/x', '/admin/x'],
  ['/%2e/admin/x', '/admin/x'],
  ['/a/../admin', '/admin'],
  ['/a/%2E%2e/admin', '/admin'],
  ['/../../etc', '/etc'],
  ['//admin//x', '/admin/x'],
  ['/a/..', '/'],
  ['/a/b/.', '/a/b/'],
  ['/%61dmin', '/admin'],
  ['/%7euser', '/~user'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/a;v=1/b', '/a;v=1/b'],
  ['/a%3bv', '/a%3Bv'],
  ['/a%20b', '/a%20b'],
  ['/a%2561', '/a%2561'],
  ['/a|b', '/a%7Cb'],
  ['/.well-known/x', '/.well-known/x'],
  ['/...', '/...'],
  ['http://a.example/x?q', '/x?q'],
  ['http://A.EXAMPLE:80', '/'],
  ['/a?b=/../%2f', '/a?b=/../%2f'],
  ['/a?', '/a'],
]

test('the path that is matched is the path that is forwarded, byte for byte', async (t) => {
  const { port } = await withEcho(t)
  for (const [sent, forwarded] of paths) t.is(bodyOf(await exchange(port, get(sent))).split(' ')[1], forwarded, sent)
})

test('a guarded prefix cannot be passed by another spelling', async (t) => {
  const { port, target } = await withEcho(t, { routes: [{ match: '/public/*' }] })
  for (const path of ['/public/../admin', '/public/%2e%2e/admin', '/public/..;/admin', '/public/..%2fadmin', '/public/..%5cadmin', '/public/.%2e/admin']) {
    const response = await exchange(port, get(path))
    t.true([400, 404].includes(statusOf(response)), path)
  }
  t.is(target.accepted, 0)
})

test('hosts: case, port and trailing dot do not matter for matching, and Host is forwarded as it came', async (t) => {
  const { port } = await withEcho(t, { routes: [{ match: '/*', host: 'a.example' }, { match: '/*', host: '[::1]' }] })
  for (const host of ['a.example', 'A.Example', 'a.example:8080', 'a.example.', 'A.EXAMPLE.:80', '[::1]', '[::1]:443']) {
    const response = await exchange(port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    t.is(statusOf(response), 200, host)
    t.true(response.includes(`\r\nHost: ${host}\r\n`), host)
  }
  t.is(statusOf(await exchange(port, 'GET / HTTP/1.1\r\nHost: b.example\r\nConnection: close\r\n\r\n')), 404)
})

const trustedFields = 'X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Prefix: /p\r\nX-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Request-Id: mine\r\nX-Consumer-Id: boss\r\n'

test('an untrusted client sets no forwarded field and not who it is, whatever it names in Connection', async (t) => {
  const { port } = await withEcho(t)
  const head = bodyOf(await exchange(port, get('/', `${trustedFields}Connection: X-Forwarded-For, X-Forwarded-Proto, Via, X-Request-Id, Host\r\n`)))
  t.regex(head, /\r\nX-Forwarded-For: 127\.0\.0\.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a\.example\r\n/)
  t.regex(head, /\r\nVia: 1\.1 gwc\r\n/)
  t.regex(head, /^GET \/ HTTP\/1\.1\r\nHost: a\.example\r\n/)
  t.notRegex(head, /6\.6\.6\.6|evil|mine|boss|Prefix|Real-IP|\r\nForwarded/)
})

test('names with _ have no twin behind the gateway', async (t) => {
  const { port } = await withEcho(t)
  const head = bodyOf(await exchange(port, get('/', 'X_Forwarded_For: 6.6.6.6\r\nX_Request_Id: mine\r\nContent_Length: 4\r\nX-Ok: yes\r\n')))
  t.notRegex(head, /_/)
  t.regex(head, /\r\nX-Ok: yes\r\n/)
})

test('a trusted proxy is believed and added to', async (t) => {
  const { port } = await withEcho(t, { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] })
  const head = bodyOf(await exchange(port, get('/', trustedFields)))
  t.regex(head, /\r\nX-Forwarded-For: 6\.6\.6\.6, 127\.0\.0\.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Request-Id: mine\r\n/)
  t.regex(head, /\r\nForwarded: for=6\.6\.6\.6\r\n/)
  t.regex(head, /\r\nX-Forwarded-Prefix: \/p\r\n/)
  t.regex(head, /\r\nX-Consumer-Id: boss\r\n/)
})

test('hop-by-hop fields and what Connection names end at the gateway', async (t) => {
  const { port } = await withEcho(t)
  const fields = 'Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\nTE: trailers, deflate\r\nUpgrade: websocket\r\nTrailer: X\r\nHTTP2-Settings: AAMAAABkAAQ\r\nX-Secret: 1\r\nConnection: X-Secret\r\nConnection: upgrade\r\nX-Kept: 2\r\n'
  const head = bodyOf(await exchange(port, get('/', fields)))
  t.notRegex(head, /Keep-Alive|Proxy-|deflate|Upgrade|Trailer:|HTTP2|X-Secret/i)
  t.regex(head, /\r\nTE: trailers\r\nConnection: TE\r\n/)
  t.regex(head, /\r\nX-Kept: 2\r\n/)
})

test('limits on the head: fields are counted, none is hidden', async (t) => {
  const { port, target } = await withEcho(t, { limits: { headers: 20 } })
  const fields = (count: number): string => Array.from({ length: count }, (_, n) => `X-${n}: v\r\n`).join('')
  t.is(statusOf(await exchange(port, get('/', fields(18)))), 200)
  t.is(statusOf(await exchange(port, get('/', fields(19)))), 431)
  t.is(statusOf(await exchange(port, get('/', `${fields(2_500)}Transfer-Encoding: chunked\r\n`))), 431)
  t.is(target.accepted, 1)
})

test('limits on the head: bytes', async (t) => {
  const { port } = await withEcho(t, { limits: { headBytes: 4096 } })
  t.is(statusOf(await exchange(port, get('/', `X-Long: ${'x'.repeat(3000)}\r\n`))), 200)
  const response = await exchange(port, get('/', `X-Long: ${'x'.repeat(9000)}\r\n`))
  t.is(statusOf(response), 431)
  t.regex(response, /"reason":"head-too-large"/)
})

test('CONNECT is refused', async (t) => {
  const { port, target } = await withEcho(t)
  t.is(statusOf(await exchange(port, 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n')), 405)
  t.is(target.accepted, 0)
})

test('A protocol that the upstream does not switch to is ignored: the request is served as it is (RFC 9110 §7.8)', async (t) => {
  const { port } = await withEcho(t)
  for (const fields of ['Upgrade: h2c\r\nConnection: Upgrade\r\n', 'Upgrade: h2c\r\n', 'Connection: upgrade\r\n']) {
    const client = new RawClient(port).send(`GET /one HTTP/1.1\r\nHost: a\r\n${fields}\r\n`)
    const first = await client.until((received) => received.includes('gwc\r\n\r\n'))
    t.is(statusOf(first), 200, fields)
    t.notRegex(bodyOf(first), /upgrade/i)
    client.destroy()
  }
})

test('pipelined requests are answered in order, garbage after them last', async (t) => {
  const { port } = await withEcho(t)
  const received = await exchange(port, 'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /3 HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n')
  t.deepEqual(received.match(/GET \/1|POST \/2|GET \/3|HTTP\/1.1 400/g), ['GET /1', 'POST /2', 'GET /3', 'HTTP/1.1 400'])
})

test('a client that pipelines without measure is served in turn, or cut off: nothing piles up', async (t) => {
  const { port } = await withEcho(t)
  const client = new RawClient(port).send(`${'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5_000)}GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  const received = await client.all()
  t.true(client.closed)
  const answered = received.split('HTTP/1.1 200').length - 1
  t.true(process.env['GWC_LANE'] === 'full' ? answered < 5_000 : answered === 5_001, String(answered))
})

const invalidAnswers: readonly (readonly [what: string, bytes: string])[] = [
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['HTTP/2', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
  ['a bare LF between fields', 'HTTP/1.1 200 OK\r\nX: a\nContent-Length: 0\r\n\r\n'],
  ['a bare CR in a value', 'HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n'],
  ['NUL in a value', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n'],
  ['a folded field', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n'],
  ['Content-Length and Transfer-Encoding', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['two Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'],
  ['a list in Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 0, 0\r\n\r\n'],
  ['a negative Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
  ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['101 unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`],
  ['too many fields', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(300)}\r\n`],
  ['endless informational responses', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)],
]

for (const [what, bytes] of invalidAnswers) {
  test(`a target that answers with ${what} gives 502`, async (t) => {
    const { port, gateway } = await withAnswer(t, bytes)
    const response = await exchange(port, get('/'))
    t.is(statusOf(response), 502)
    t.regex(response, /Proxy-Status: gwc; error=http_protocol_error\r\n/)
    t.is(gateway.pools[0]!.idle, 0)
    t.is(gateway.pools[0]!.active, 0)
  })
}

const cutAnswers: readonly (readonly [what: string, bytes: string, close: 'keep' | 'end' | 'reset'])[] = [
  ['less than its Content-Length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello', 'end'],
  ['a chunked body without its end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'end'],
  ['a malformed chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n', 'keep'],
  ['chunk data longer than its size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloworld\r\n0\r\n\r\n', 'keep'],
  ['endless chunk extensions', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${`1;${'x'.repeat(3_000)}\r\na\r\n`.repeat(8)}0\r\n\r\n`, 'keep'],
  ['a close-delimited body that is reset', 'HTTP/1.1 200 OK\r\n\r\nhello', 'reset'],
]

for (const [what, bytes, close] of cutAnswers) {
  test(`a body is never taken for complete: ${what}`, async (t) => {
    const { port } = await withAnswer(t, bytes, close)
    for (const version of ['1.1', '1.0']) {
      const client = new RawClient(port).send(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`)
      const received = await client.all()
      const complete = received.includes('\r\n0\r\n\r\n') || (version === '1.0' && received !== '' && statusOf(received) === 200 && !received.includes('Content-Length') && !client.reset)
      t.false(complete, `${version}: ${received}`)
    }
  })
}

test('a response in small pieces is one response', async (t) => {
  const answer = 'HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-T: u\r\n\r\n'
  const target = await startRawTarget((socket, all) => {
    if (!all.includes('\r\n\r\n')) return
    let at = 0
    const next = (): void => {
      if (at >= answer.length) return
      socket.write(answer[at++]!)
      setImmediate(next)
    }
    next()
  })
  const gateway = await startGateway({ ports: [target.port] })
  t.teardown(async () => { await gateway.close(); await target.close() })
  const response = await exchange(gateway.port, get('/', 'TE: trailers\r\n'))
  t.is(statusOf(response), 200)
  t.regex(response, /\r\nX-A: b\r\n/)
  t.is(bodyOf(response).replace(/(^|\r\n)\d+\r\n|\r\n/g, ''), 'abcdefgX-T: u')
})

test('bytes on an idle connection destroy it: no answer is kept for the next request', async (t) => {
  const target = await startRawTarget((socket, all, request) => {
    if (all.includes('\r\n\r\n')) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${request}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`)
  })
  const gateway = await startGateway({ ports: [target.port] })
  t.teardown(async () => { await gateway.close(); await target.close() })
  for (const expected of ['0', '1', '2']) t.is(bodyOf(await exchange(gateway.port, get('/'))), expected)
  t.is(target.accepted, 3)
  t.is(gateway.pools[0]!.idle, 0)
})

test('bytes that come later on an idle connection destroy it too', async (t) => {
  const target = await startRawTarget((socket, all) => {
    if (all.includes('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const gateway = await startGateway({ ports: [target.port] })
  t.teardown(async () => { await gateway.close(); await target.close() })
  await exchange(gateway.port, get('/'))
  t.is(gateway.pools[0]!.idle, 1)
  const [socket] = target.sockets
  const closed = new Promise((resolve) => socket!.once('close', resolve))
  socket!.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
  await closed
  t.is(gateway.pools[0]!.idle, 0)
  t.is(bodyOf(await exchange(gateway.port, get('/'))), 'ok')
  t.is(target.accepted, 2)
})

test('response fields: hop-by-hop and named ones end at the gateway, duplicates stay', async (t) => {
  const { port } = await withAnswer(t, 'HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nConnection: X-Private, close\r\nX-Private: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nUpgrade: h2c\r\nTrailer: x\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Latin: \xe9\r\n\r\nok')
  const response = await exchange(port, get('/'))
  t.regex(response, /^HTTP\/1\.1 200 Fine\r\nContent-Length: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Latin: \xe9\r\nVia: 1\.1 gwc\r\n/)
  t.notRegex(response, /X-Private|Keep-Alive|Proxy-Connection|Upgrade|Trailer/i)
})

const requests = ['GET /a HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n', 'POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello', 'PUT /c HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', 'HEAD /d HTTP/1.0\r\n\r\n']
const answers = ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', 'HTTP/1.0 200 OK\r\n\r\nuntil the end', 'HTTP/1.1 304 Not Modified\r\nETag: "e"\r\n\r\n', '']
const damage = fc.array(fc.tuple(fc.nat(150), fc.nat(4), fc.constantFrom('', '\r\n', '\r\n\r\n', '\0', ':', ' ', '0', 'ffff', 'Host: b\r\n', 'Content-Length: 9\r\n', 'Connection: close\r\n', 'HTTP/1.1 200 OK\r\n')), { maxLength: 3 })
const damaged = (texts: readonly string[]): fc.Arbitrary<string> => fc.tuple(fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 3 }), damage).map(([parts, edits]) => {
  let text = parts.join('')
  for (const [at, cut, insert] of edits) text = text.slice(0, at % (text.length + 1)) + insert + text.slice(at % (text.length + 1) + cut)
  return text
})

test('whatever peers send and however they leave: nothing throws, nothing stays behind', async (t) => {
  let script = { answer: '', leave: 'keep' as 'keep' | 'end' | 'reset' }
  const target = await startRawTarget((socket) => {
    socket.write(script.answer, 'latin1')
    if (script.leave === 'end') socket.end()
    if (script.leave === 'reset') setImmediate(() => resetConnection(socket))
  })
  const gateway = await startGateway({ ports: [target.port], timeouts: { head: 2_000, body: 2_000 }, upstream: { timeouts: { response: 200, idle: 200 }, connections: { idle: 50 } } })
  t.teardown(async () => { await gateway.close(); await target.close() })
  await fc.assert(fc.asyncProperty(damaged(requests), damaged(answers), fc.constantFrom('keep', 'end', 'reset'), fc.nat(100), fc.constantFrom('end', 'reset', 'destroy'), async (request, answer, leave, cut, goodbye) => {
    script = { answer, leave }
    const client = new RawClient(gateway.port).send(request.slice(0, cut))
    await new Promise((resolve) => setImmediate(resolve))
    client.send(request.slice(cut))
    await Promise.race([client.until((received) => received.includes('\r\n\r\n')), new Promise((resolve) => setTimeout(resolve, 5))])
    if (goodbye === 'end') client.socket.end()
    else if (goodbye === 'reset') resetConnection(client.socket)
    else client.destroy()
    await client.all()
  }), { numRuns: 400 })
  while (gateway.listener.connections > 0 || gateway.pools[0]!.active > 0) await new Promise((resolve) => setImmediate(resolve))
  t.is(gateway.retained, 0)
  t.deepEqual(gateway.bugs, [])
  t.is(gateway.pools[0]!.waiting, 0)
})
