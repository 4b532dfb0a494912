import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import fc from 'fast-check'
import { RawClient, startGateway, startRawTarget } from './support/data-path.ts'
import { fuzzRuns, piecesAt } from './support/fuzz.ts'
import { bytesOf, request } from './support/fuzz-requests.ts'
import { piecesOf, response } from './support/fuzz-responses.ts'
import type { ResponseCase } from './support/fuzz-responses.ts'
import { startHaproxy, startNginx } from './support/peer-proxies.ts'

/*
 * nginx and HAProxy as second opinions: what both of them refuse, neither lane may forward; what both of them forward, is only refused for a reason
 * that stands here. The targets read with Node's strict parser (llhttp): they must see as many messages as the gateway has answered, and no broken one.
 */

interface Target {
  readonly port: number
  /** Messages that came whole since it was asked last, and errors of its parser. */
  take (): { readonly messages: readonly string[], readonly errors: readonly string[] }
}

async function startStrictTarget (t: ExecutionContext): Promise<Target> {
  let messages: string[] = []
  let errors: string[] = []
  const server = http.createServer({ keepAliveTimeout: 0 }, (message, response) => {
    let body = ''
    message.setEncoding('latin1').on('data', (part: string) => { body += part }).on('end', () => { messages.push(`${message.method} ${message.url} ${body}`) }).on('error', () => {})
    message.on('end', () => { response.end('ok') })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A request that its client never finished is cut: that is no error of framing.
    if (error.code !== 'ECONNRESET' && error.code !== 'HPE_INVALID_EOF_STATE') errors.push(`${error.code} ${error.message}`)
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return {
    port: (server.address() as AddressInfo).port,
    take () {
      const taken = { messages, errors }
      messages = []
      errors = []
      return taken
    }
  }
}

/** The final statuses that a client gets for the octets, and a plain request after them. */
async function statusesOf (port: number, text: string, cuts: readonly number[]): Promise<readonly number[]> {
  const client = new RawClient(port)
  for (const piece of piecesAt(`${text}GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`, cuts)) {
    client.send(piece)
    await new Promise((resolve) => { setImmediate(resolve) })
  }
  return [...(await client.all()).matchAll(/HTTP\/1\.[01] ([2-9]\d\d)/g)].map(([, status]) => Number(status))
}

/** Fails with what is wrong when it is so three times: a machine that stands still for a moment runs into the short timeouts of either side. */
async function confirm (judge: () => Promise<string | undefined>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const wrong = await judge()
    if (wrong === undefined) return
    if (attempt === 3) throw new Error(wrong)
  }
}

/** What the gateway refuses on purpose though both peers forward it. */
const stricterRequests: readonly (readonly [why: string, what: RegExp])[] = [
  ['a line that ends without CR', /(^|[^\r])\n/],
  ['another version than 1.0 and 1.1', /^\S+ +\S+ +HTTP\/1\.[^01]/],
  ['an encoded slash, which targets read in different ways', /^\S+ \S*%2f/i],
  ['a Host that names no host', /^Host:\s*[,/]/im],
  ['an expectation other than 100-continue', /^Expect:(?!\s*100-continue\s*$)/im],
  ['a scheme that is not that of the listener', /^\S+ (?!http:\/\/)[a-z]\w*:\/\//i],
]

test('requests: never laxer than nginx and HAProxy together, never stricter without a reason', async (t) => {
  const [forNginx, forHaproxy, forWire, forFull] = [await startStrictTarget(t), await startStrictTarget(t), await startStrictTarget(t), await startStrictTarget(t)]
  const peers = [await startNginx(t, forNginx.port), await startHaproxy(t, forHaproxy.port)]
  const options = { timeouts: { head: 150, body: 150, idle: 1_000 }, upstream: { retries: { max: 0 }, timeouts: { response: 2_000 } } }
  const lanes = [
    { name: 'wire', target: forWire, gateway: await startGateway({ ...options, ports: [forWire.port], lane: 'wire' }) },
    { name: 'full', target: forFull, gateway: await startGateway({ ...options, ports: [forFull.port], lane: 'full' }) }
  ]
  t.teardown(async () => { for (const { gateway } of lanes) await gateway.close() })
  await fc.assert(fc.asyncProperty(request, (each) => confirm(async () => {
    const text = bytesOf(each)
    const opinions = await Promise.all(peers.map(async ({ port }) => (await statusesOf(port, text, each.cuts))[0] === 200))
    for (const { name, target, gateway } of lanes) {
      const statuses = await statusesOf(gateway.port, text, each.cuts)
      const { messages, errors } = target.take()
      const told = `${name} ${JSON.stringify(text)}: ${statuses.join(' ')}; nginx, haproxy ${opinions.join(' ')}; target ${JSON.stringify(messages)}`
      if (errors.length > 0) return `the target could not read what was forwarded: ${errors.join()}; ${told}`
      if (messages.length !== statuses.filter((status) => status === 200).length) return `the target saw other messages than the gateway: ${told}`
      const forwarded = statuses[0] === 200
      if (forwarded && !opinions.includes(true)) return `laxer than both: ${told}`
      if (!forwarded && !opinions.includes(false) && !stricterRequests.some(([, what]) => what.test(text))) return `stricter than both: ${told}`
    }
    return undefined
  })), fuzzRuns(120, 1))
  t.deepEqual(lanes.flatMap(({ gateway }) => gateway.bugs), [])
})

/** What the gateway refuses of a target on purpose though both peers pass it on. */
const stricterResponses: readonly (readonly [why: string, what: RegExp])[] = [
  ['a line that ends without CR', /(^|[^\r])\n/],
  ['another version than 1.0 and 1.1', /^HTTP\/(1\.[^01]|2)/m],
  ['a Transfer-Encoding of HTTP/1.0: its framing is faulty (RFC 9112, section 6.1)', /^HTTP\/1\.0 [^]*^Transfer-Encoding:/im],
  ['a Content-Length beside a Transfer-Encoding', /^Content-Length:[^]*^Transfer-Encoding:|^Transfer-Encoding:[^]*^Content-Length:/im],
  ['a Content-Length beyond what a number holds', /^Content-Length:\s*\d{16}/im],
  ['a Content-Length that is there twice', /^Content-Length:[^]*^Content-Length:/im],
  ['a NUL or DEL', /[\0\x7f]/],
  ['a Content-Length that is a list', /^Content-Length: \d+,/im],
  ['a status that is not three digits from 100 after one space', /^HTTP\/1\.1 ( |0|\d{1,2}\b|\d{4})/m],
]

const probe = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nprobe'

/** A target that answers `/probe` well and all else with the case it was told last. */
async function startLyingTarget (t: ExecutionContext): Promise<{ readonly port: number, answer (each: ResponseCase): void }> {
  let next: ResponseCase | undefined
  const target = await startRawTarget((socket, all) => {
    if (!all.includes('\r\n\r\n')) return
    if (all.includes(' /probe ') || next === undefined) return void socket.write(probe)
    const { closes } = next
    void (async () => {
      for (const piece of piecesOf(next)) {
        socket.write(piece, 'latin1')
        await new Promise((resolve) => { setImmediate(resolve) })
      }
      if (closes) socket.end()
    })()
  })
  t.teardown(() => target.close())
  return { port: target.port, answer: (each) => { next = each } }
}

/** What a strict client (llhttp) makes of the answer: status and body, or `cut` when it ends early. An answer that it cannot read is an error. */
async function read (port: number, method: string, path: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const sent = http.request({ port, host: '127.0.0.1', method, path, agent: false, signal: AbortSignal.timeout(5_000), headers: method === 'POST' ? { 'content-length': 0 } : {} }, (message) => {
      let body = ''
      const told = (): string => `${message.statusCode} ${JSON.stringify(message.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()).sort())}`
      message.setEncoding('latin1').on('data', (part: string) => { body += part })
      message.once('close', () => { resolve(message.complete ? `${told()} ${body.replace(/"requestId":"[^"]*"/, '')}` : 'cut') })
      message.on('error', () => {})
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') resolve('cut')
      else reject(new Error(`${error.message} (${error.code}) on ${port}`))
    })
    sent.on('upgrade', (message, socket) => {
      socket.destroy()
      resolve(`upgraded ${message.statusCode}`)
    })
    sent.end()
  })
}

/** Whether the client got the answer of the target, whole. */
const passed = (seen: string): boolean => !seen.startsWith('cut') && !seen.startsWith('502') && !seen.startsWith('504')

test('responses: both lanes read them alike, no client sees what is left of another, never laxer than nginx and HAProxy together', async (t) => {
  const targets = [await startLyingTarget(t), await startLyingTarget(t), await startLyingTarget(t), await startLyingTarget(t)] as const
  const peers = [await startNginx(t, targets[0].port), await startHaproxy(t, targets[1].port)]
  const options = { upstream: { retries: { max: 0 }, timeouts: { response: 150, idle: 150 } } }
  const lanes = [await startGateway({ ...options, ports: [targets[2].port], lane: 'wire' }), await startGateway({ ...options, ports: [targets[3].port], lane: 'full' })] as const
  t.teardown(async () => { for (const lane of lanes) await lane.close() })
  await fc.assert(fc.asyncProperty(response, (each) => confirm(async () => {
    for (const target of targets) target.answer(each)
    const opinions = await Promise.all(peers.map(({ port }) => read(port, each.method, '/').catch((error: Error) => `cut ${error.message}`)))
    const [wire, full] = await Promise.all(lanes.map(({ port }) => read(port, each.method, '/'))) as [string, string]
    const told = `${each.method} ${JSON.stringify(piecesOf(each))}${each.closes ? ', closed' : ''}: wire ${wire}; full ${full}; nginx, haproxy ${opinions.join('; ')}`
    if (wire !== full) return `the lanes differ: ${told}`
    for (const { port } of lanes) {
      const after = await read(port, 'GET', '/probe')
      if (!after.startsWith('200 ') || !after.endsWith(' probe')) return `the next client got ${after} after ${told}`
    }
    if (passed(wire) && !opinions.some(passed)) return `laxer than both: ${told}`
    if (!passed(wire) && opinions.every(passed) && !stricterResponses.some(([, what]) => what.test(piecesOf(each).join('')))) return `stricter than both: ${told}`
    return undefined
  })), fuzzRuns(80, 1))
  t.deepEqual(lanes.flatMap(({ bugs }) => bugs), [])
})
