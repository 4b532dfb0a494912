import test from 'ava'
import fc from 'fast-check'
import http from 'node:http'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { ChunkedDecoder } from './chunked.ts'
import { PendingHead } from './pending-head.ts'
import { ResponseHead } from './response-head.ts'

interface Read { readonly status: number, readonly fields: readonly string[], readonly body: string }

/** Reads one response from bytes that come in pieces; undefined when it is refused or not complete. `surplus`: bytes after it. */
function read (pieces: readonly Buffer[]): { readonly response: Read, readonly surplus: number } | undefined {
  const pending = new PendingHead()
  const head = new ResponseHead()
  const chunks = new ChunkedDecoder()
  let fields: string[] | undefined
  let body = ''
  let surplus = 0
  for (const piece of pieces) {
    let rest = Buffer.from(piece)
    if (fields === undefined) {
      pending.add(piece, 0, piece.length)
      const parsed = pending.parse(head)
      if (parsed === 'invalid') return undefined
      if (parsed === 'incomplete') continue
      fields = head.rawFields()
      rest = Buffer.from(head.bytes.subarray(head.end, pending.end))
    }
    if (head.chunked && head.status !== 204 && head.status !== 304) {
      const stop = chunks.done ? 0 : chunks.decode(rest, 0, rest.length)
      if (chunks.fault !== '') return undefined
      if (stop > 0) body += rest.toString('latin1', chunks.dataStart, chunks.dataEnd)
      surplus += rest.length - stop
    } else body += rest.toString('latin1')
  }
  if (fields === undefined) return undefined
  const { status, length, chunked } = head
  if (status === 204 || status === 304) return { response: { status, fields, body: '' }, surplus: surplus + body.length }
  if (chunked) return chunks.done ? { response: { status, fields, body }, surplus } : undefined
  if (length < 0) return { response: { status, fields, body }, surplus: 0 }
  return body.length >= length ? { response: { status, fields, body: body.slice(0, length) }, surplus: body.length - length } : undefined
}

/** What Node's client makes of the bytes that the server at this port sends. */
async function nodeReads (port: number): Promise<Read | undefined> {
  return await new Promise((resolve) => {
    const request = http.get({ port, host: '127.0.0.1', agent: false }, (response) => {
      let body = ''
      response.on('data', (data: Buffer) => { body += data.toString('latin1') })
      response.on('end', () => resolve(response.complete ? { status: response.statusCode!, fields: response.rawHeaders, body } : undefined))
      response.on('error', () => resolve(undefined))
    })
    request.on('error', () => resolve(undefined))
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve(undefined)
    })
  })
}

const seeds = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\nA;ext="1"\r\n0123456789\r\n0\r\nX-T: u\r\n\r\n',
  'HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 204\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end',
]
const snippet = fc.constantFrom('\r', '\n', '\r\n', ' ', '\t', ':', ',', ';', '0', '5', 'A', '\0', '\x80', 'Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Connection: close\r\n', '0\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n')
const mutated = fc.tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(200), fc.nat(3), snippet), { maxLength: 3 })).map(([seed, edits]) => {
  let text = seed
  for (const [at, cut, insert] of edits) text = text.slice(0, at % (text.length + 1)) + insert + text.slice(at % (text.length + 1) + cut)
  return Buffer.from(text, 'latin1')
})

test('reads no response that Node refuses, and reads what it reads as Node does', async (t) => {
  let accepted = 0
  let sent: Uint8Array = Buffer.alloc(0)
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(sent))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => { server.close() })
  await fc.assert(fc.asyncProperty(mutated, async (bytes) => {
    const ours = read([bytes])
    if (ours === undefined || ours.response.status < 200) return
    accepted++
    sent = bytes.subarray(0, bytes.length - ours.surplus)
    t.deepEqual(ours.response, await nodeReads((server.address() as AddressInfo).port), JSON.stringify(bytes.toString('latin1')))
  }), { numRuns: 2_000 })
  t.true(accepted > 200, `${accepted} were accepted`)
})

test('reads the same however the bytes are cut', (t) => {
  fc.assert(fc.property(mutated, fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 40 }), (bytes, lengths) => {
    const pieces: Buffer[] = []
    let at = 0
    for (const length of lengths) {
      if (at >= bytes.length) break
      pieces.push(Buffer.from(bytes.subarray(at, at + length)))
      at += length
    }
    if (at < bytes.length) pieces.push(Buffer.from(bytes.subarray(at)))
    return JSON.stringify(read(pieces)) === JSON.stringify(read([Buffer.from(bytes)]))
  }), { numRuns: 3_000 })
  t.pass()
})
