import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import fc from 'fast-check'
import { RawClient, startGateway, startRawTarget } from './support/data-path.ts'
import type { Gateway } from './support/data-path.ts'
import { fuzzRuns, piecesAt } from './support/fuzz.ts'
import { bytesOf, bytesOfChunked, chunkedBody, request } from './support/fuzz-requests.ts'

/*
 * Both lanes must read the same bytes alike: the wire lane has its own parser, the full lane that of Node (llhttp). Generated requests, valid and
 * broken in one place, go to both in random pieces; what clients and target see must be equal. FUZZ_RUNS=100000 runs longer.
 */

/** What a client and the target see of the case, without what differs from run to run. `heads`: what the target puts down. */
async function seen (gateway: Gateway, heads: string[], text: string, cuts: readonly number[]): Promise<{ readonly statuses: readonly string[], readonly heads: readonly string[] }> {
  heads.length = 0
  const all = `${text}GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
  const client = new RawClient(gateway.port)
  for (const piece of piecesAt(all, cuts)) {
    client.send(piece)
    await new Promise((resolve) => { setImmediate(resolve) })
  }
  await client.until(isLastAnswer)
  client.socket.end()
  const received = await client.all()
  const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n((?:[^\r]+\r\n)*)\r\n/g)].map(([, status, head = '']) => `${status} ${head.replace(/Date: [^\r]*\r\n|X-Request-Id: [^\r]*\r\n|Content-Length: \d+\r\n/gi, '')}`)
  return { statuses, heads: heads.map((head) => head.replace(/X-Request-Id: \S+/, 'X-Request-Id: id')) }
}

/** Whether a response has come whole after which the connection closes. */
function isLastAnswer (received: string): boolean {
  const last = /Content-Length: (\d+)\r\n(?:[^\r]+\r\n)*Connection: close\r\n(?:[^\r]+\r\n)*\r\n([^]*)$/i.exec(received)
  return last !== null && last[2]!.length >= Number(last[1])
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
  }), fuzzRuns(400))
  t.deepEqual(lanes.flatMap(({ bugs }) => bugs), [])
})

test('both lanes read generated and broken chunked bodies alike', async (t) => {
  const bodies: string[] = []
  const server = http.createServer((message, response) => {
    let body = ''
    message.setEncoding('latin1').on('data', (part: string) => { body += part }).on('error', () => {})
    message.on('end', () => {
      bodies.push(body)
      response.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const lanes = await Promise.all((['wire', 'full'] as const).map((lane) => startGateway({ ports: [port], lane, timeouts: { head: 150, body: 150, idle: 1_000 }, upstream: { retries: { max: 0 } } })))
  t.teardown(async () => {
    for (const lane of lanes) await lane.close()
    server.close()
  })
  await fc.assert(fc.asyncProperty(chunkedBody, async (each) => {
    const text = bytesOfChunked(each)
    // llhttp lets extensions without a name or value pass; we do not (RFC 9112 §7.1.1).
    fc.pre(!/;[=;]|=[;\r]/.test(text))
    const wire = await seen(lanes[0]!, bodies, text, each.cuts)
    const full = await seen(lanes[1]!, bodies, text, each.cuts)
    if (JSON.stringify(wire) !== JSON.stringify(full)) throw new Error(`${JSON.stringify(text)}\nwire ${JSON.stringify(wire, null, 1)}\nfull ${JSON.stringify(full, null, 1)}`)
  }), fuzzRuns(300))
  t.deepEqual(lanes.flatMap(({ bugs }) => bugs), [])
})
