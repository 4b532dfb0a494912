import fc from 'fast-check'
import { change, changed, lineEnd } from './fuzz.ts'

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

/** A request, valid or broken in one place. */
export const request = fc.record({
  method: fc.constantFrom(...methods),
  target: fc.constantFrom(...targets),
  version: fc.constantFrom(...versions),
  fields: fc.array(fc.constantFrom(...fields), { maxLength: 5 }),
  body: fc.constantFrom(...bodies),
  line: lineEnd,
  change,
  cuts: fc.array(fc.nat(300), { maxLength: 3 }),
})
export type RequestCase = typeof request extends fc.Arbitrary<infer T> ? T : never

/** The case as octets (latin1). */
export function bytesOf ({ method, target, version, fields: lines, body, line, change: what }: RequestCase): string {
  return changed([`${method} ${target} ${version}`, 'Host: a', ...lines].map((each) => each + line).join('') + line + body, what)
}

const extension = fc.constantFrom('', '', '', '', ';', ';a', ';a=b', ';a="b c"', ';a="\\""', ' ;a', ';a =b', ';a=', ';a;b=c', ';\xff', `;${'x'.repeat(200)}`)
const chunkSize = fc.constantFrom('', '', '', '', '0', '00000', '0x', '+', '-', ' ', '1')
const trailerLine = fc.constantFrom('X-T: 1', 'X-T:1', 'X-Sum: abc', 'Content-Length: 3', 'Transfer-Encoding: chunked', 'Host: b', ' folded', 'No-Colon', 'Space : 1', ': empty', 'X-Obs: \xff')

/** A body in chunks, valid or broken in one place; `before` stands before the size. */
export const chunkedBody = fc.record({
  chunks: fc.array(fc.record({ data: fc.constantFrom('a', 'abc', 'x'.repeat(16), 'y'.repeat(300), '0\r\n\r\n', '\r\n'), before: chunkSize, extension, end: lineEnd }), { maxLength: 3 }),
  last: fc.constantFrom('0', '0', '0', '0', '000', '0;a=b', '-0', ''),
  trailers: fc.array(trailerLine, { maxLength: 2 }),
  change,
  cuts: fc.array(fc.nat(400), { maxLength: 4 }),
})

/** A request with the body, as octets (latin1). */
export function bytesOfChunked ({ chunks, last, trailers, change: what }: typeof chunkedBody extends fc.Arbitrary<infer T> ? T : never): string {
  const body = chunks.map((chunk) => `${chunk.before}${chunk.data.length.toString(16)}${chunk.extension}\r\n${chunk.data}${chunk.end}`).join('') + `${last}\r\n${trailers.map((each) => `${each}\r\n`).join('')}\r\n`
  return `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${changed(body, what)}`
}
