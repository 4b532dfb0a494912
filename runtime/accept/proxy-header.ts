import { isIP } from 'node:net'

/** What a PROXY protocol header says (https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt). */
export interface ProxyHeader {
  /** The client's address; undefined: the connection is the proxy's own, or of a family without addresses. */
  readonly address: string | undefined
  /** Octets of the header. */
  readonly length: number
}

/** Longest header of version 1, with its CRLF. */
const maxText = 107
/** Longest header of version 2 that is taken: addresses of 216 octets and extensions. */
const maxBinary = 16 + 4096

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** Parses the header at the start of a connection, strictly. */
export function parseProxyHeader (bytes: Buffer): ProxyHeader | 'incomplete' | 'invalid' {
  if (bytes.length === 0) return 'incomplete'
  return bytes[0] === signature[0] ? parseBinary(bytes) : parseText(bytes)
}

function parseText (bytes: Buffer): ProxyHeader | 'incomplete' | 'invalid' {
  const begin = bytes.toString('latin1', 0, Math.min(bytes.length, maxText))
  if (!'PROXY '.startsWith(begin.slice(0, 6))) return 'invalid'
  const end = begin.indexOf('\r\n')
  if (end < 0) return bytes.length >= maxText ? 'invalid' : 'incomplete'
  const line = begin.slice(0, end)
  if (/^PROXY UNKNOWN(?: [\x20-\x7e]*)?$/.test(line)) return { address: undefined, length: end + 2 }
  const match = /^PROXY (TCP4|TCP6) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line)
  if (match === null) return 'invalid'
  const [, family, source = '', destination = '', ...ports] = match
  const version = family === 'TCP4' ? 4 : 6
  if (isIP(source) !== version || isIP(destination) !== version || ports.some((port) => Number(port) > 65535 || (port.length > 1 && port.startsWith('0')))) return 'invalid'
  return { address: source, length: end + 2 }
}

function parseBinary (bytes: Buffer): ProxyHeader | 'incomplete' | 'invalid' {
  const known = Math.min(bytes.length, signature.length)
  if (bytes.compare(signature, 0, known, 0, known) !== 0) return 'invalid'
  if (bytes.length < 16) return 'incomplete'
  const command = bytes[12]!
  const family = bytes[13]!
  const size = bytes.readUInt16BE(14)
  if ((command !== 0x20 && command !== 0x21) || 16 + size > maxBinary) return 'invalid'
  if (bytes.length < 16 + size) return 'incomplete'
  const length = 16 + size
  if (command === 0x20) return { address: undefined, length }
  switch (family) {
    case 0x11: return size < 12 ? 'invalid' : { address: [...bytes.subarray(16, 20)].join('.'), length }
    case 0x21: return size < 36 ? 'invalid' : { address: addressOf(bytes.subarray(16, 32)), length }
    case 0x00:
    case 0x12:
    case 0x22:
    case 0x31:
    case 0x32: return { address: undefined, length }
    default: return 'invalid'
  }
}

function addressOf (octets: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(2 * i).toString(16)).join(':')
  return new URL(`http://[${groups}]`).hostname.slice(1, -1)
}
