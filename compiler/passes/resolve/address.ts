import { BlockList, isIP, isIPv4 } from 'node:net'

const forbidden = new BlockList()
forbidden.addSubnet('169.254.0.0', 16)
forbidden.addSubnet('fe80::', 10, 'ipv6')
forbidden.addAddress('100.100.100.200')
forbidden.addAddress('fd00:ec2::254', 'ipv6')
const unspecified = new Set(['0.0.0.0', '::'])
const metadataNames = new Set(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal'])

/** Why a gateway must not connect to a host (no brackets, lower case); undefined when it may. */
export function refusedHost (host: string): string | undefined {
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host)
  const address = mapped === null ? host : ipv4(Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16))
  if (unspecified.has(address)) return `${host} is no address of a server`
  if (metadataNames.has(address.replace(/\.$/, ''))) return `${host} is the metadata service of the machine`
  if (isIP(address) !== 0 && forbidden.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')) return `${host} is a link-local or metadata address`
  return undefined
}

function ipv4 (high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** Whether a text is an address or an address range in CIDR form. */
export function isCidr (text: string): boolean {
  const match = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text)
  const family = match === null ? 0 : isIP(match[1]!)
  return family !== 0 && !match![1]!.includes('%') && Number(match![2] ?? 0) <= (family === 4 ? 32 : 128)
}
