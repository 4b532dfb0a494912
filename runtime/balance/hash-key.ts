import { isIPv6 } from 'node:net'
import type { Fields } from '../../schema/exchange.ts'
import type { HashKey } from '../../schema/resolved.ts'

/** What balancing looks at in a request; an exchange is one, and a connection of a tcp listener. */
export interface BalanceRequest extends Fields {
  readonly clientAddress: string
  param (name: string): string | undefined
}

/** The key of a request, or undefined when it has none. */
export function hashKeyOf (request: BalanceRequest, key: HashKey): string | undefined {
  switch (key.kind) {
    case 'client-address': return addressKey(request.clientAddress)
    case 'header': return request.header(key.name)
    case 'cookie': return request.cookie(key.name)
    case 'query': return request.query(key.name)
    case 'param': return request.param(key.name)
  }
}

/** A client has an IPv4 address, or the whole of an IPv6 /64 network: addresses within it change by the hour (RFC 8981). */
export function addressKey (address: string): string {
  if (!address.includes(':') || !isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...new Array<string>(Math.max(0, missing)).fill('0'), ...after]
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
