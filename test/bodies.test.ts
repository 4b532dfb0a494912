import test from 'ava'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { startGateway } from './support/data-path.ts'

/* Bodies of all sizes, many at a time, through buffers that are used again and again: what arrives is what was sent. */

const sizes = [1, 5_000, 9_000, 20_000, 33_000, 70_000, 140_000, 300_000]
/** More than the system takes for a peer that does not read: the gateway must hold some of it. */
const huge = 8_000_000

/** Bytes that say where they belong. */
function bodyOf (client: number, request: number): Buffer {
  const size = request === 7 && client === 0 ? huge : sizes[(client * 3 + request * 5) % sizes.length]!
  const body = Buffer.allocUnsafe(size)
  for (let i = 0; i < size; i++) body[i] = client * 59 + request * 17 + i + (i >> 8)
  return body
}

/** The body in chunks of this size. */
function inChunks (body: Buffer, size: number): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/** Sends requests, every other one in chunks, without waiting for answers, and returns the bodies of these. `odd`: 0 or 1, which ones. */
async function pipeline (port: number, client: number, bodies: readonly Buffer[], odd: number): Promise<Buffer[]> {
  const socket = net.connect({ port, host: '127.0.0.1' })
  for (const [request, body] of bodies.entries()) {
    const chunked = (client + request) % 2 === odd
    socket.write(`PUT /${client}/${request} HTTP/1.1\r\nHost: a\r\n${chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`}\r\n\r\n`)
    socket.write(chunked ? inChunks(body, [1_000, 7_919, 50_000][request % 3]!) : body)
  }
  const answers: Buffer[] = []
  let parts: Buffer[] = []
  let size = 0
  let wanted = 0
  for await (const part of socket) {
    parts.push(part as Buffer)
    size += (part as Buffer).length
    if (client % 2 === 0) await new Promise((resolve) => { setImmediate(resolve) })
    if (size < wanted) continue
    let received = Buffer.concat(parts)
    for (let at = received.indexOf('\r\n\r\n'); at >= 0; at = received.indexOf('\r\n\r\n')) {
      wanted = at + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(received.toString('latin1', 0, at))?.[1])
      if (received.length < wanted) break
      answers.push(received.subarray(at + 4, wanted))
      received = received.subarray(wanted)
      wanted = 0
    }
    parts = [received]
    size = received.length
    if (answers.length === bodies.length) break
  }
  socket.destroy()
  return answers
}

for (const max of [0, 1]) {
  test(`what is sent in bodies of all sizes comes back the same${max > 0 ? ', after another try where the first one broke' : ''}`, async (t) => {
    const tried = new Set<string>()
    let othersServed = false
    let reading: IncomingMessage | undefined
    const target = createServer((req, res) => {
      const parts: Buffer[] = []
      req.on('data', (part: Buffer) => {
        parts.push(part)
        if (req.url !== '/0/7' || othersServed) return
        req.pause()
        reading = req
      })
      req.on('end', () => {
        const again = tried.has(req.url!)
        tried.add(req.url!)
        if (max > 0 && !again && req.url!.endsWith('3')) req.socket.destroy()
        else res.end(Buffer.concat(parts))
      })
    }).listen(0, '127.0.0.1')
    await once(target, 'listening')
    const gateway = await startGateway({ ports: [(target.address() as AddressInfo).port], upstream: { retries: { max, buffer: 1024 * 1024, budget: 1 } } })
    t.teardown(async () => {
      await gateway.close()
      target.closeAllConnections()
      target.close()
    })
    const check = async (client: number): Promise<void> => {
      const bodies = Array.from({ length: 12 }, (_, request) => bodyOf(client, request))
      const answers = await pipeline(gateway.port, client, bodies, max)
      t.is(answers.length, bodies.length)
      for (const [request, answer] of answers.entries()) t.true(answer.equals(bodies[request]!), `client ${client}, request ${request}`)
    }
    const first = check(0)
    while (reading === undefined) await new Promise((resolve) => { setImmediate(resolve) })
    await Promise.all(Array.from({ length: 7 }, async (_, client) => { await check(client + 1) }))
    othersServed = true
    reading.resume()
    await first
  })
}
