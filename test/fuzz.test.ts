import test from 'ava'
import fc from 'fast-check'
import { RawClient, startGateway, startRawTarget } from './support/data-path.ts'
import type { Gateway } from './support/data-path.ts'

/*
 * Both lanes must read the same bytes alike: the wire lane has its own parser, the full lane that of Node (llhttp). Generated requests, valid and
 * broken in one place, go to both in random pieces; what clients and target see must be equal. FUZZ_RUNS=100000 runs longer.
 */

const runs = Number(process.env['FUZZ_RUNS'] ?? 400)

const methods = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get', 'STRANGE', 'CONNECT', 'TRACE']
const targets = ['/', '/a', '/a/b?c=d', '/a/../b', '//x', '/%41', '/%2f', '/a;b', '/ä', '*', 'http://a/x', 'http://b/', 'https://a/', '/x#y', '/a b', '']
const versions = ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1', '']
const fields = [
  'Accept: */*', 'X-One: 1', 'x-two:2', 'X-Three:  3 ', 'X-Empty:', 'X-Tab:\t1', 'X_Under: 1', 'Cookie: a=1; b=2', 'Cookie: c=3', 'Content-Length: 0', 'Content-Length: 3', 'Content-Length: +3', 'Content-Length: 3, 3',
  'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip', 'Connection: keep-alive', 'Connection: close', 'Connection: X-One', 'Connection: close, X-One', 'Host: b', 'Host:', 'host: a', 'Expect: 100-continue', 'Expect: 200',
  'TE: trailers', 'Upgrade: h2c', 'Via: 1.1 x', 'Max-Forwards: 3', 'X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Host: evil', 'X-Request-Id: forged', 'Forwarded: for=1', 'Proxy-Connection: x', 'Client-Cert: :x:', ' folded', 'No-Colon', 'Space : 1',
  'X-Obs: \xff', 'X-Null: a\0b', 'X-Cr: a\rb', ': empty', `X-Long: ${'y'.repeat(2_000)}`,
]
const bodies = ['', 'abc', '3\r\nabc\r\n0\r\n\r\n', '3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n', 'zz\r\n']

const request = fc.record({
  method: fc.constantFrom(...methods),
  target: fc.constantFrom(...targets),
  version: fc.constantFrom(...versions),
  fields: fc.array(fc.constantFrom(...fields), { maxLength: 5 }),
  body: fc.constantFrom(...bodies),
  line: fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r'),
  /** One octet that is replaced, taken out or put in. */
  change: fc.option(fc.record({ at: fc.nat(200), kind: fc.constantFrom('replace', 'remove', 'insert'), octet: fc.constantFrom('\0', ' ', '\t', '\r', '\n', ':', 'x', '\x7f', '\x80', ',', '/') }), { freq: 2 }),
  cuts: fc.array(fc.nat(300), { maxLength: 3 }),
})
type Case = typeof request extends fc.Arbitrary<infer T> ? T : never

function bytesOf ({ method, target, version, fields: lines, body, line, change }: Case): string {
  const text = [`${method} ${target} ${version}`, 'Host: a', ...lines].map((each) => each + line).join('') + line + body
  if (change === null) return text
  const at = change.at % text.length
  return text.slice(0, at) + (change.kind === 'remove' ? '' : change.octet) + text.slice(change.kind === 'insert' ? at : at + 1)
}

/** What a client and the target see of the case, without what differs from run to run. */
async function seen (gateway: Gateway, heads: string[], text: string, cuts: readonly number[]): Promise<{ readonly statuses: readonly string[], readonly heads: readonly string[] }> {
  heads.length = 0
  const all = `${text}GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
  const client = new RawClient(gateway.port)
  let from = 0
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    if (cut <= from || cut >= all.length) continue
    client.send(all.slice(from, cut))
    from = cut
    await new Promise((resolve) => { setImmediate(resolve) })
  }
  client.send(all.slice(from))
  const received = await client.all()
  const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n((?:[^\r]+\r\n)*)\r\n/g)].map(([, status, head = '']) => `${status} ${head.replace(/Date: [^\r]*\r\n|X-Request-Id: [^\r]*\r\n|Content-Length: \d+\r\n/gi, '')}`)
  return { statuses, heads: heads.map((head) => head.replace(/X-Request-Id: \S+/, 'X-Request-Id: id')) }
}

test('both lanes read generated and broken requests alike', async (t) => {
  const heads: string[] = []
  const target = await startRawTarget((socket, all) => {
    if (!all.includes('\r\n\r\n')) return
    heads.push(all.slice(0, all.indexOf('\r\n\r\n') + 4))
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  const timeouts = { head: 150, body: 150, idle: 1_000 }
  const lanes = await Promise.all((['wire', 'full'] as const).map((lane) => startGateway({ ports: [target.port], lane, timeouts, upstream: { retries: { max: 0 }, timeouts: { response: 2_000 } } })))
  t.teardown(async () => {
    for (const lane of lanes) await lane.close()
    await target.close()
  })
  await fc.assert(fc.asyncProperty(request, async (each) => {
    const text = bytesOf(each)
    const wire = await seen(lanes[0]!, heads, text, each.cuts)
    const full = await seen(lanes[1]!, heads, text, each.cuts)
    if (JSON.stringify(wire) !== JSON.stringify(full)) throw new Error(`${JSON.stringify(text)}\nwire ${JSON.stringify(wire, null, 1)}\nfull ${JSON.stringify(full, null, 1)}`)
  }), { numRuns: runs, ...(process.env['FUZZ_SEED'] === undefined ? {} : { seed: Number(process.env['FUZZ_SEED']) }) })
  t.deepEqual(lanes.flatMap(({ bugs }) => bugs), [])
})
