import test from 'ava'
import fc from 'fast-check'
import { proxyPreface } from '../upstream/proxy-preface.ts'
import { parseProxyHeader } from './proxy-header.ts'

const port = fc.integer({ min: 0, max: 65_535 })
const ends = fc.oneof(
  fc.record({ address: fc.ipV4(), port, localAddress: fc.ipV4(), localPort: port }),
  fc.record({ address: fc.ipV6().filter((text) => !text.includes('.')), port, localAddress: fc.ipV4(), localPort: port }),
)
/** One spelling for each address. */
const plain = (address: string): string => (address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address)

test('what is written is read, whatever follows it, and no part of it is more than incomplete', (t) => {
  fc.assert(fc.property(fc.constantFrom('v1' as const, 'v2' as const), ends, fc.uint8Array({ maxLength: 50 }), (version, client, rest) => {
    const header = proxyPreface(version, client)
    const parsed = parseProxyHeader(Buffer.concat([header, rest]))
    t.is(typeof parsed, 'object', header.toString('latin1'))
    if (typeof parsed === 'string') return
    t.is(parsed.length, header.length)
    t.is(plain(parsed.address!), plain(client.address))
    for (let n = 0; n < header.length; n++) t.is(parseProxyHeader(header.subarray(0, n)), 'incomplete')
  }))
})

test('connections of the proxy itself have no address', (t) => {
  for (const version of ['v1', 'v2'] as const) t.deepEqual(parseProxyHeader(proxyPreface(version, undefined)), { address: undefined, length: proxyPreface(version, undefined).length })
})

test('bytes at random are refused or waited for, never misread, and not for long', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 6_000 }), (bytes) => {
    const parsed = parseProxyHeader(Buffer.from(bytes))
    return typeof parsed === 'string' && (parsed === 'invalid' || bytes.length < 5_000)
  }))
  for (const text of ['PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n', 'PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n', 'PROXY TCP4 ::1 ::1 1 2\r\n', 'PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n', 'PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n', 'PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n', 'GET / HTTP/1.1\r\n', 'PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n\r\n']) {
    t.is(parseProxyHeader(Buffer.from(text)), 'invalid', text)
  }
})
