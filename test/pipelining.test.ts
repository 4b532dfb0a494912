import ava from 'ava'
import type { ExecutionContext } from 'ava'
import fc from 'fast-check'
import type { Socket } from 'node:net'
import { resetConnection } from '../runtime/http/reset.ts'
import { RawClient, startGateway, startRawTarget } from './support/data-path.ts'
import type { Gateway, GatewayOptions } from './support/data-path.ts'
import { fuzzRuns, piecesAt } from './support/fuzz.ts'

/* Requests of several clients on one connection to the target (RFC 9112 §9.3.2): each gets its own answer, whatever becomes of the others. */

const test = ava.serial

/** Says what a target does with the requests of one read. */
type Answers = (socket: Socket, requests: readonly string[]) => void

interface Setup {
  readonly gateway: Gateway
  /** Connected, and answered once. */
  readonly clients: readonly RawClient[]
  /** What came with each read of the target since then: method and path. */
  readonly reads: (readonly string[])[]
  readonly connections: number
}

const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const pathOf = (request: string): string => request.split(' ')[1]!
const each: Answers = (socket, requests) => { for (const request of requests) socket.write(ok(pathOf(request))) }
const bodyOf = (response: string): string => response.slice(response.indexOf('\r\n\r\n') + 4)
const statusOf = (response: string): string => response.slice(9, 12)
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`
const soon = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

async function setUp (t: ExecutionContext | undefined, count: number, answers: Answers, options: GatewayOptions['upstream'] = {}): Promise<Setup & { close (): Promise<void> }> {
  const reads: (readonly string[])[] = []
  const target = await startRawTarget((socket, all) => {
    const requests = all.split('\r\n\r\n').slice(0, -1).map((head) => head.split(' ', 2).join(' '))
    if (requests.length === 0) return
    if (requests[0] === 'GET /warm') return each(socket, requests)
    reads.push(requests)
    answers(socket, requests)
  })
  const gateway = await startGateway({ ports: [target.port], upstream: { retries: { max: 0 }, ...options, connections: { pipelining: 16, ...options.connections } } })
  const clients = range(count).map(() => new RawClient(gateway.port))
  for (const client of clients) {
    await client.send(get('/warm')).until((all) => all.endsWith('/warm'))
    client.received = ''
  }
  const close = async (): Promise<void> => {
    for (const client of clients) client.destroy()
    await gateway.close()
    await target.close()
  }
  t?.teardown(close)
  return { gateway, clients, reads, close, get connections () { return target.accepted } }
}

/** Answers a request that comes alone. Of those that share a connection, `first` is all that comes; `got` hears which connection it is. */
const onlyFirst = (first: string, got: (socket: Socket) => void): Answers => (socket, requests) => {
  if (requests.length === 1) return each(socket, requests)
  socket.write(first)
  got(socket)
}

/** Sends one request by each client, all at once. */
const sendAll = (clients: readonly RawClient[]): void => { for (const [n, client] of clients.entries()) client.send(get(`/${n}`)) }
const answered = async (client: RawClient): Promise<string> => await client.until((all) => all.includes('\r\n\r\n') && bodyOf(all).length >= Number(/Content-Length: (\d+)/i.exec(all)?.[1] ?? 0))
const answersOf = async (clients: readonly RawClient[]): Promise<readonly string[]> => await Promise.all(clients.map(async (client) => {
  const response = await answered(client)
  return statusOf(response) === '200' ? bodyOf(response) : statusOf(response)
}))

test('what comes at the same moment leaves on one connection, and each client gets its own answer', async (t) => {
  const setup = await setUp(t, 10, each)
  sendAll(setup.clients)
  t.deepEqual(await answersOf(setup.clients), range(10).map((n) => `/${n}`))
  t.deepEqual(setup.reads, [range(10).map((n) => `GET /${n}`)])
  t.is(setup.connections, 1)
  t.deepEqual([setup.gateway.pools[0]!.active, setup.gateway.pools[0]!.idle, setup.gateway.endpoints[0]!.active], [0, 1, 0])
  t.deepEqual(setup.gateway.bugs, [])
})

test('no more than the upstream allows; those beyond go on connections of their own', async (t) => {
  const setup = await setUp(t, 5, each, { connections: { pipelining: 3 } })
  sendAll(setup.clients)
  t.deepEqual(await answersOf(setup.clients), range(5).map((n) => `/${n}`))
  t.deepEqual(setup.reads.map((read) => read.length).sort(), [1, 1, 3])
})

test('what comes later does not wait for those that are out, and what must not be repeated goes alone', async (t) => {
  const held: (() => void)[] = []
  const setup = await setUp(t, 6, (socket, requests) => {
    if (requests[0] === 'GET /0') held.push(() => each(socket, requests))
    else if (requests[0]!.startsWith('HEAD')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    else each(socket, requests)
  })
  const [first, second, third, ...others] = setup.clients as [RawClient, RawClient, RawClient, ...RawClient[]]
  first.send(get('/0'))
  second.send(get('/1'))
  while (held.length === 0) await soon()
  third.send(get('/2'))
  t.is(bodyOf(await answered(third)), '/2')
  others[0]!.send(get('/3'))
  others[1]!.send('HEAD /4 HTTP/1.1\r\nHost: a\r\n\r\n')
  others[2]!.send('POST /5 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  await Promise.all(others.map(answered))
  t.deepEqual(setup.reads, [['GET /0', 'GET /1'], ['GET /2'], ...setup.reads.slice(2)])
  t.deepEqual(setup.reads.slice(2).map((read) => read.join()).sort(), ['GET /3', 'HEAD /4', 'POST /5'])
  held[0]!()
  t.deepEqual(await answersOf([first, second]), ['/0', '/1'])
})

const endings: readonly (readonly [string, Answers, string])[] = [
  ['closes after the first answer', (socket) => socket.end(ok('/0')), '/0'],
  ['says that it closes', (socket) => socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n/0'), '/0'],
  ['resets the connection', (socket) => { resetConnection(socket) }, '/0'],
  ['breaks within the first answer', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'), '502'],
  ['sends what is no response', (socket) => socket.write('HTTP/1.1 2x0 OK\r\n\r\n'), '502'],
  ['does not answer', () => {}, '504'],
]
for (const [name, ending, firstAnswer] of endings) {
  test(`a target that ${name}: those behind are asked for again, on connections of their own`, async (t) => {
    let asked = 0
    const setup = await setUp(t, 4, (socket, requests) => { (asked++ === 0 ? ending : each)(socket, requests) }, { timeouts: { response: 60 } })
    sendAll(setup.clients)
    t.deepEqual(await answersOf(setup.clients), [firstAnswer, '/1', '/2', '/3'])
    t.true(setup.reads.slice(1).every((read) => read.length === 1))
    t.deepEqual([setup.gateway.upstream.load.active, setup.gateway.endpoints[0]!.active], [0, 0])
    // Only a target that broke off without a word gets them one by one for a while.
    setup.reads.length = 0
    for (const client of setup.clients) client.received = ''
    sendAll(setup.clients)
    t.deepEqual(await answersOf(setup.clients), range(4).map((n) => `/${n}`))
    t.is(setup.reads.length, name.startsWith('says') || name.startsWith('does') ? 1 : 4)
    t.deepEqual(setup.gateway.bugs, [])
  })
}

test('clients that go leave the others and the connection alone', async (t) => {
  const held: (() => void)[] = []
  const setup = await setUp(t, 5, (socket, requests) => { if (requests.length === 5) held.push(() => each(socket, requests)); else each(socket, requests) })
  sendAll(setup.clients)
  while (held.length === 0) await soon()
  const lines = setup.gateway.log.length
  setup.clients[0]!.destroy()
  setup.clients[2]!.destroy()
  await setup.gateway.logged(lines + 2)
  held[0]!()
  t.deepEqual(await answersOf([1, 3, 4].map((n) => setup.clients[n]!)), ['/1', '/3', '/4'])
  t.is(setup.connections, 1)
  t.deepEqual([setup.gateway.pools[0]!.idle, setup.gateway.endpoints[0]!.active], [1, 0])
})

test('the rest of an answer that nobody wants is not read for ever', async (t) => {
  let first: Socket | undefined
  const setup = await setUp(t, 3, onlyFirst('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n', (socket) => { first = socket }))
  sendAll(setup.clients)
  await setup.clients[0]!.until((all) => all.includes('\r\n\r\n'))
  const lines = setup.gateway.log.length
  setup.clients[0]!.destroy()
  await setup.gateway.logged(lines + 1)
  first!.write('x'.repeat(100_000))
  t.deepEqual(await answersOf(setup.clients.slice(1)), ['/1', '/2'])
})

test('those behind a stream without end are asked for again, and the stream ends with its client', async (t) => {
  let stream: Socket | undefined
  const setup = await setUp(t, 3, onlyFirst('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n', (socket) => { stream = socket }), { timeouts: { response: 60 } })
  sendAll(setup.clients)
  t.deepEqual(await answersOf(setup.clients.slice(1)), ['/1', '/2'])
  t.deepEqual(setup.reads.slice(1), [['GET /1'], ['GET /2']])
  const gone = new Promise((resolve) => { stream!.once('close', resolve) })
  setup.clients[0]!.destroy()
  await gone
  t.deepEqual([setup.gateway.endpoints[0]!.active, setup.gateway.bugs.length], [0, 0])
})

const batch = fc.record({
  bodies: fc.array(fc.record({ length: fc.oneof(fc.constantFrom(0, 1, 16_384, 70_000, 300_000), fc.nat(2_000)), chunked: fc.boolean() }), { minLength: 2, maxLength: 8 }),
  cuts: fc.array(fc.nat(400_000), { maxLength: 6 }),
  gone: fc.option(fc.nat(7)),
})

test('any answers, cut anywhere: nobody gets an octet of somebody else\'s', async (t) => {
  await fc.assert(fc.asyncProperty(batch, async ({ bodies, cuts, gone }) => {
    // Letters that are no digits of a chunk's size.
    const bodyFor = (n: number): string => 'ghijklmn'[n]!.repeat(bodies[n]!.length)
    const text = (n: number): string => {
      const body = bodyFor(n)
      if (!bodies[n]!.chunked) return ok(body)
      return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`}0\r\n\r\n`
    }
    const setup = await setUp(undefined, bodies.length, (socket, requests) => {
      const all = requests.map((request) => text(Number(pathOf(request).slice(1)))).join('')
      void (async () => {
        for (const piece of piecesAt(all, cuts)) {
          socket.write(piece, 'latin1')
          await soon()
        }
      })()
    })
    try {
      sendAll(setup.clients)
      await Promise.all(setup.clients.map(async (client, n) => {
        if (n === gone) return client.destroy()
        const response = await client.until((all) => all.includes('\r\n\r\n') && bodyOf(all).endsWith(bodies[n]!.chunked ? '0\r\n\r\n' : '') && bodyOf(all).length >= bodies[n]!.length)
        const body = bodies[n]!.chunked ? bodyOf(response).replace(/[0-9a-f]+\r\n|\r\n/g, '') : bodyOf(response)
        if (body !== bodyFor(n)) throw new Error(`client ${n} got ${response.slice(0, 300)}`)
      }))
      if (setup.gateway.bugs.length > 0) throw setup.gateway.bugs[0]
    } finally {
      await setup.close()
    }
  }), fuzzRuns(40))
  t.pass()
})
