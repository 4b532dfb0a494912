import ava from 'ava'
import type { ExecutionContext } from 'ava'
import type { Socket } from 'node:net'
import { resetConnection } from '../runtime/http/reset.ts'
import { RawClient, exchange, startGateway, startRawTarget } from './support/data-path.ts'
import type { Gateway, GatewayOptions, RawTarget } from './support/data-path.ts'

/* Several targets over real sockets: retries, budgets, hedging, breakers, limits. The first target is asked first. */

const test = ava.serial

type Script = (socket: Socket, all: string, request: number) => void

const headIn = (all: string): boolean => all.includes('\r\n\r\n')
const answer = (text: string): Script => (socket, all) => { if (headIn(all)) socket.write(text, 'latin1') }
const say = (text: string): Script => answer(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`)
const reset: Script = (socket, all) => { if (headIn(all)) resetConnection(socket) }
const silent: Script = () => {}
/** Answers with the body that it got, once that has this many bytes. */
const echo = (length: number): Script => {
  const bodies = new Map<Socket, string>()
  return (socket, all) => {
    const before = bodies.get(socket)
    if (before === undefined && !headIn(all)) return
    const body = before === undefined ? all.slice(all.indexOf('\r\n\r\n') + 4) : before + all
    bodies.set(socket, body)
    if (body.length >= length) socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 'latin1')
  }
}
const get = (path = '/', fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`
const post = (body: string, fields = ''): string => `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`
const statusOf = (response: string): number => Number(response.slice(9, 12))
const bodyOf = (response: string): string => response.slice(response.indexOf('\r\n\r\n') + 4)
const soon = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

async function closedPort (): Promise<number> {
  const target = await startRawTarget(silent)
  await target.close()
  return target.port
}

async function among (t: ExecutionContext, scripts: readonly (Script | 'closed')[], options: GatewayOptions['upstream'] = {}): Promise<{ gateway: Gateway, port: number, targets: RawTarget[] }> {
  const targets: RawTarget[] = []
  const ports: number[] = []
  for (const script of scripts) {
    if (script === 'closed') ports.push(await closedPort())
    else {
      const target = await startRawTarget(script)
      targets.push(target)
      ports.push(target.port)
    }
  }
  const gateway = await startGateway({ ports, upstream: options })
  t.teardown(async () => {
    await gateway.close()
    for (const target of targets) await target.close()
  })
  return { gateway, port: gateway.port, targets }
}

test('a target that cannot be reached: another one is asked, whatever the method', async (t) => {
  const { port, gateway } = await among(t, ['closed', echo(5)])
  t.is(bodyOf(await exchange(port, post('hello'))), 'hello')
  t.deepEqual(gateway.outcomes, ['0 connect-failure', '1 success'])
  t.is(gateway.upstream.load.active, 0)
  t.is(gateway.upstream.load.retries, 0)
  t.deepEqual(gateway.endpoints.map(({ active }) => active), [0, 0])
})

test('a connection that breaks before the head: another target is asked, where that is safe', async (t) => {
  const { port, gateway } = await among(t, [reset, say('b')])
  t.is(bodyOf(await exchange(port, get())), 'b')
  t.deepEqual(gateway.outcomes, ['0 broken', '1 success'])
  await exchange(port, get()) // the turn of the second
  t.is(statusOf(await exchange(port, post('hello'))), 502)
})

test('a body is sent again from its first byte where the request may be repeated', async (t) => {
  for (const fields of ['Idempotency-Key: 1\r\n', 'Idempotency-Key: 2\r\nExpect: 100-continue\r\n']) {
    const first: Script = (socket, all) => { if (all.endsWith('world')) resetConnection(socket) }
    const { port } = await among(t, [first, echo(11)])
    const client = new RawClient(port).send(`POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}Content-Length: 11\r\n\r\n`)
    await soon()
    client.send('hello ')
    await soon()
    t.is(bodyOf(await client.send('world').until((all) => all.includes('world'))).slice(-11), 'hello world')
    client.destroy()
  }
})

test('a body that goes on while the request is sent again stays in order', async (t) => {
  const first: Script = (socket, all) => { if (all.includes('hello')) resetConnection(socket) }
  const { port, gateway } = await among(t, [first, echo('5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'.length)])
  const client = new RawClient(port).send('PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
  while (!gateway.outcomes.includes('0 broken')) await soon()
  t.regex(await client.send('6\r\n world\r\n0\r\n\r\n').all(), /5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n$/)
})

test('a body of which too much has gone is not sent again', async (t) => {
  const first: Script = (socket, all) => { if (all.endsWith('!')) resetConnection(socket) }
  const { port, targets } = await among(t, [first, say('b')], { retries: { buffer: 10 } })
  t.is(statusOf(await exchange(port, post('longer than ten!', 'Idempotency-Key: 1\r\n'))), 502)
  t.is(targets[1]!.accepted, 0)
})

test('a broken body is not made whole by another target', async (t) => {
  const { port, targets } = await among(t, [(socket, all) => { if (headIn(all)) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe', () => resetConnection(socket)) }, say('hello')])
  t.true((await exchange(port, get())).endsWith('\r\n\r\nhe'))
  t.is(targets[1]!.accepted, 0)
})

test('503 with Retry-After: another target is asked at once, the same one when it says so', async (t) => {
  const busy = answer('HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 4\r\n\r\nbusy')
  const { port, gateway } = await among(t, [busy, say('b')])
  t.is(bodyOf(await exchange(port, get())), 'b')
  t.deepEqual(gateway.outcomes, ['0 gateway-error', '1 success'])
  // The connection of the answer that nobody wanted is kept.
  t.is(gateway.pools[0]!.idle, 1)
  let asked = 0
  const alone = await among(t, [(socket, all) => { if (headIn(all)) (asked++ === 0 ? busy : say('a'))(socket, all, 0) }])
  t.is(bodyOf(await exchange(alone.port, get())), 'a')
  const later = await among(t, [answer('HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 4\r\n\r\nbusy')])
  t.is(bodyOf(await exchange(later.port, get())), 'busy')
  const plain = await among(t, [answer('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy'), say('b')])
  t.is(bodyOf(await exchange(plain.port, get())), 'busy')
})

test('further statuses, as the user says', async (t) => {
  const { port } = await among(t, [answer('HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n'), say('b'), say('c')], { retries: { statuses: [500] } })
  t.is(bodyOf(await exchange(port, get())), 'b')
  t.is(bodyOf(await exchange(port, post('x'))), 'c')
  t.is(statusOf(await exchange(port, post('x'))), 500)
})

test('retries are limited in number, and by the budget', async (t) => {
  const thrice = await among(t, ['closed', 'closed', 'closed', say('d')], { retries: { max: 2 } })
  t.is(statusOf(await exchange(thrice.port, get())), 502)
  t.is(thrice.gateway.outcomes.length, 3)
  const enough = await among(t, ['closed', 'closed', 'closed', say('d')], { retries: { max: 3 } })
  t.is(bodyOf(await exchange(enough.port, get())), 'd')
  const none = await among(t, ['closed', say('b')], { retries: { budget: 0, minConcurrent: 0 } })
  t.is(statusOf(await exchange(none.port, get())), 502)
})

test('the total time ends everything', async (t) => {
  const { port, gateway } = await among(t, [silent, silent], { timeouts: { response: 60, total: 150 }, retries: { max: 10, on: ['response-timeout'] } })
  const response = await exchange(port, get())
  t.is(statusOf(response), 504)
  t.true(gateway.outcomes.length >= 2)
  t.is(gateway.upstream.load.active, 0)
  t.is(gateway.upstream.load.retries, 0)
  t.deepEqual(gateway.endpoints.map(({ active }) => active), [0, 0])
})

test('hedging: the second target is asked when the first is slow, and the slower one is given up', async (t) => {
  const { port, gateway, targets } = await among(t, [silent, say('b')], { hedge: { after: 30, max: 1 } })
  t.is(bodyOf(await exchange(port, get())), 'b')
  while (targets[0]!.sockets.size > 0) await soon()
  t.deepEqual(gateway.endpoints.map(({ active }) => active), [0, 0])
  t.is(gateway.upstream.load.retries, 0)
  // The first may still win.
  let late: Socket | undefined
  const slow = await among(t, [(socket, all) => { if (headIn(all)) late = socket }, (_socket, all) => {
    if (headIn(all)) say('a')(late!, '\r\n\r\n', 0)
  }], { hedge: { after: 30, max: 1 } })
  t.is(bodyOf(await exchange(slow.port, get())), 'a')
  // What must not be done twice is not hedged.
  const once = await among(t, [(socket, all) => { if (all.endsWith('x')) setTimeout(() => { say('a')(socket, all, 0) }, 80) }, say('b')], { hedge: { after: 30, max: 1 } })
  t.is(bodyOf(await exchange(once.port, post('x'))), 'a')
})

test('hedging: a first try that fails leaves the second', async (t) => {
  let first: Socket | undefined
  const { port } = await among(t, [(socket, all) => { if (headIn(all)) first = socket }, (socket, all) => {
    if (!headIn(all)) return
    resetConnection(first!)
    first!.once('close', () => { say('b')(socket, all, 0) })
  }], { hedge: { after: 30, max: 1 } })
  t.is(bodyOf(await exchange(port, get())), 'b')
})

test('the breaker: open after failures, 503 with the time to come again', async (t) => {
  const breaker = { failureRatio: 0.5, minRequests: 4, window: 10_000, consecutive: null, open: 5_000, probes: 1, ramp: 0 }
  const { port, targets, gateway } = await among(t, [answer('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n')], { breaker })
  for (let n = 0; n < 4; n++) t.is(statusOf(await exchange(port, get())), 500)
  const response = await exchange(port, get())
  t.is(statusOf(response), 503)
  t.regex(response, /Retry-After: 5\r\n/)
  t.regex(response, /"reason":"breaker-open"/)
  t.is(targets[0]!.accepted, 1)
  t.is(gateway.upstream.breaker!.state, 'open')
})

test('requests to an upstream are limited, and to a target', async (t) => {
  const held: Socket[] = []
  const hold: Script = (socket, all) => { if (headIn(all)) held.push(socket) }
  const { port } = await among(t, [hold, hold], { limits: { requests: 1 } })
  const client = new RawClient(port).send(get())
  while (held.length === 0) await soon()
  const response = await exchange(port, get())
  t.is(statusOf(response), 503)
  t.regex(response, /Retry-After: 1\r\n/)
  say('a')(held[0]!, '\r\n\r\n', 0)
  t.is(bodyOf(await client.all()), 'a')

  held.length = 0
  const two = await among(t, [hold, hold], { connections: { requests: 1 } })
  const clients = [new RawClient(two.port).send(get()), new RawClient(two.port).send(get())]
  while (held.length < 2) await soon()
  t.deepEqual(two.gateway.endpoints.map(({ active }) => active), [1, 1])
  t.is(statusOf(await exchange(two.port, get())), 503)
  for (const socket of held) say('a')(socket, '\r\n\r\n', 0)
  for (const each of clients) t.is(bodyOf(await each.all()), 'a')
})

test('connections of all targets together are limited: unused ones make room, calls wait for their turn', async (t) => {
  const { port, gateway } = await among(t, [say('a'), say('b')], { limits: { connections: 1 } })
  for (const expected of ['a', 'b', 'a']) {
    t.is(bodyOf(await exchange(port, get())), expected)
    t.is(gateway.pools[0]!.idle + gateway.pools[1]!.idle, 1)
  }
  const all = await Promise.all(Array.from({ length: 20 }, () => exchange(port, get())))
  t.deepEqual(all.map(bodyOf).sort().join(''), 'a'.repeat(10) + 'b'.repeat(10))
  let held: Socket | undefined
  const hold: Script = (socket, received) => { if (headIn(received)) held = socket }
  const none = await among(t, [hold, hold], { limits: { connections: 1, pending: 0 } })
  const client = new RawClient(none.port).send(get())
  while (held === undefined) await soon()
  t.deepEqual((await Promise.all([exchange(none.port, get()), exchange(none.port, get())])).map(statusOf), [503, 503])
  say('a')(held, '\r\n\r\n', 0)
  t.is(bodyOf(await client.all()), 'a')
})

test('a client that goes away in a pause ends everything', async (t) => {
  const { port, gateway } = await among(t, ['closed'], { retries: { backoff: { base: 60_000, max: 60_000 } }, timeouts: { total: 0 } })
  const client = new RawClient(port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  while (gateway.upstream.load.retries === 0) await soon()
  client.destroy()
  await gateway.logged(1)
  t.deepEqual(gateway.log, ['GET / 0 client-gone'])
  t.is(gateway.upstream.load.retries, 0)
  t.is(gateway.upstream.load.active, 0)
})
