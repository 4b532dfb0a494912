import { isIPv6 } from 'node:net'

/** The two ends of a client's connection. */
export interface ConnectionEnds {
  readonly address: string
  /** 0: not known. */
  readonly port: number
  readonly localAddress: string
  readonly localPort: number
}

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** The PROXY protocol header that tells a target who its client is; without a client the connection is the gateway's own. */
export function proxyPreface (version: 'v1' | 'v2', client: ConnectionEnds | undefined): Buffer {
  return version === 'v1' ? Buffer.from(textOf(client), 'latin1') : binaryOf(client)
}

function textOf (client: ConnectionEnds | undefined): string {
  if (client === undefined) return 'PROXY UNKNOWN\r\n'
  const six = isIPv6(client.address) || isIPv6(client.localAddress)
  const address = (text: string): string => (six && !isIPv6(text) ? `::ffff:${text}` : text)
  return `PROXY TCP${six ? 6 : 4} ${address(client.address)} ${address(client.localAddress)} ${client.port} ${client.localPort}\r\n`
}

function binaryOf (client: ConnectionEnds | undefined): Buffer {
  if (client === undefined) return Buffer.concat([signature, Buffer.from([0x20, 0, 0, 0])])
  const six = isIPv6(client.address) || isIPv6(client.localAddress)
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(client.port)
  ports.writeUInt16BE(client.localPort, 2)
  const octets = [client.address, client.localAddress].map((address) => (six ? sixOctets(address) : fourOctets(address)))
  const size = octets[0]!.length * 2 + 4
  return Buffer.concat([signature, Buffer.from([0x21, six ? 0x21 : 0x11, 0, size]), ...octets, ports])
}

function fourOctets (address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}

function sixOctets (address: string): Buffer {
  if (!isIPv6(address)) return Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), fourOctets(address)])
  const octets = Buffer.alloc(16)
  const plain = address.split('%')[0]!.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a, b, c, d) => `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`)
  const [head = '', tail] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  for (const [i, group] of before.entries()) octets.writeUInt16BE(Number.parseInt(group, 16), 2 * i)
  for (const [i, group] of after.entries()) octets.writeUInt16BE(Number.parseInt(group, 16), 16 - 2 * (after.length - i))
  return octets
}
