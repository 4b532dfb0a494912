import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { DirectWriter, largestStaged } from './direct-write.ts'

async function pair (t: ExecutionContext): Promise<{ near: Socket, far: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[far]] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, once(near, 'connect')])
  t.teardown(() => { near.destroy(); far.destroy(); server.close() })
  return { near, far }
}

test('what the system does not take at once keeps its order, whichever way it was written, and is reported when taken', async (t) => {
  const { near, far } = await pair(t)
  let drained = 0
  const writer = new DirectWriter(near, { drained: () => { drained++ } })
  near.on('drain', () => { drained++ })
  t.true(writer.text('at once\n'))
  t.true(writer.settled)

  let expected = 'at once\n'
  const body = Buffer.alloc(largestStaged, 'b')
  const short = Buffer.from('short')
  const large = Buffer.alloc(200_000, 'l')
  let flowing = true
  for (let i = 0; i < 10_000 && flowing; i++) {
    writer.send()
    flowing = writer.staged(`${i}:`, body, 0, body.length, '\n')
    expected += `${i}:${body.toString('latin1')}\n`
  }
  t.false(flowing, 'the system takes everything: nothing is tested')
  t.false(writer.settled)
  for (let i = 0; i < 20; i++) {
    writer.text(`text ${i} é\n`)
    writer.staged('staged ', Buffer.from([i]), 0, 1, '\n')
    writer.copy(short, 1, 4)
    writer.bytes(Buffer.from(`bytes ${i}\n`))
    if (i % 5 === 0) writer.bytes(large)
    expected += `text ${i} é\nstaged ${String.fromCharCode(i)}\nhorbytes ${i}\n${i % 5 === 0 ? large.toString('latin1') : ''}`
  }
  let settled = false
  writer.whenSettled(() => { settled = true })
  let received = ''
  far.setEncoding('latin1').on('data', (text: string) => { received += text })
  while (received.length < expected.length) await once(far, 'data')
  t.true(received === expected)
  while (!writer.settled) await new Promise(setImmediate)
  t.true(settled)
  t.true(drained > 0)
  near.end()
  await once(far, 'end')
})

test('bytes that the system has not taken live as long as it needs them', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const { near, far } = await pair(t)
  const writer = new DirectWriter(near, { drained: () => {} })
  const parts = 40
  const size = 256 * 1024
  for (let n = 0; n < parts; n++) writer.bytes(Buffer.allocUnsafeSlow(size).fill(n))
  await new Promise(setImmediate)
  collect()
  const others = Array.from({ length: 2 * parts }, () => Buffer.allocUnsafeSlow(size).fill(255))
  const received: Buffer[] = []
  let left = parts * size
  far.on('data', (part: Buffer) => {
    received.push(part)
    left -= part.length
  })
  while (left > 0) await once(far, 'data')
  const all = Buffer.concat(received)
  t.is(Array.from({ length: parts }, (_, n) => all.subarray(n * size, (n + 1) * size).every((octet) => octet === n)).indexOf(false), -1)
  t.is(others.length, 2 * parts)
})

test('a peer that has gone is an error of the socket, not of the writer', async (t) => {
  const { near, far } = await pair(t)
  const writer = new DirectWriter(near, { drained: () => {} })
  const failed = once(near, 'error')
  far.resetAndDestroy()
  for (let i = 0; i < 100 && !near.destroyed; i++) {
    writer.text('x')
    await new Promise(setImmediate)
  }
  const [error] = await failed as [NodeJS.ErrnoException]
  t.regex(error.code!, /^(?:EPIPE|ECONNRESET)$/)
  t.notThrows(() => writer.text('afterwards'))
})
