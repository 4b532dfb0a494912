import fc from 'fast-check'
import { change, changed, lineEnd, piecesAt } from './fuzz.ts'

const statusLines = [
  'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.1 200', 'HTTP/1.1 204 No Content', 'HTTP/1.1 304 Not Modified', 'HTTP/1.1 404 Not Found', 'HTTP/1.1 500 Oops',
  'HTTP/1.0 200 OK', 'HTTP/1.2 200 OK', 'HTTP/2.0 200 OK', 'HTTP/1.1 099 Low', 'HTTP/1.1 1000 High', 'HTTP/1.1 2x0 OK', 'HTTP/1.1  200 OK', 'http/1.1 200 OK', 'ICY 200 OK', 'HTTP/1.1 101 Switching Protocols', '<html>',
]
const fields = [
  'Content-Length: 3', 'Content-Length: 3', 'Content-Length: 0', 'Content-Length: 5', 'Content-Length: +3', 'Content-Length: 3, 3', 'Content-Length: -1', 'Content-Length: 99999999999999999999', 'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: identity', 'Connection: close', 'Connection: keep-alive', 'Connection: X-One', 'X-One: 1', 'Set-Cookie: a=1',
  'Set-Cookie: b=2', 'Trailer: X-T', 'Upgrade: websocket', 'X-Obs: \xff', 'X-Null: a\0b', 'X-Cr: a\rb', 'Space : 1', ' folded', 'No-Colon', ': empty', `X-Long: ${'y'.repeat(2_000)}`,
]
const bodies = ['', 'abc', 'abcdef', '3\r\nabc\r\n0\r\n\r\n', '3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n', '3;x=y\r\nabc\r\n0\r\n\r\n', 'zz\r\nabc\r\n', '3\nabc\n0\n\n', '3\r\nabcd\r\n0\r\n\r\n', 'ffffffffffffffff\r\nabc', '3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil', 'abcHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil']

/** A response, valid or broken in one place, and whether the target closes after it. */
export const response = fc.record({
  early: fc.constantFrom('', '', '', '', '', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 102 Processing\r\nContent-Length: 3\r\n\r\n'),
  status: fc.constantFrom(...statusLines),
  fields: fc.array(fc.constantFrom(...fields), { maxLength: 3 }),
  body: fc.constantFrom(...bodies),
  line: lineEnd,
  change,
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST'),
  closes: fc.boolean(),
  cuts: fc.array(fc.nat(200), { maxLength: 2 }),
})
export type ResponseCase = typeof response extends fc.Arbitrary<infer T> ? T : never

/** The case as octets (latin1), in the pieces in which the target sends them. */
export function piecesOf ({ early, status, fields: lines, body, line, change: what, cuts }: ResponseCase): readonly string[] {
  return piecesAt(changed(early + [status, ...lines].map((each) => each + line).join('') + line + body, what), cuts)
}
