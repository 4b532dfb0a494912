import { BlockList, isIP } from 'node:net'
import { invariant } from '../../schema/invariant.ts'

/** The proxies in front of a listener whose forwarded fields are believed. */
export interface TrustedProxies {
  trusts (address: string): boolean
  /** The client behind trusted proxies: the rightmost address of `X-Forwarded-For` that is none of them. */
  client (peer: string, forwardedFor: string | undefined): string
}

/** Trusts the addresses in these CIDR ranges and single addresses, which the compiler has validated. */
export function createTrustedProxies (ranges: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/')
    const family = isIP(network)
    invariant(family !== 0, `${range} is not a CIDR range`)
    list.addSubnet(network, prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix), family === 4 ? 'ipv4' : 'ipv6')
  }
  const trusts = ranges.length === 0
    ? () => false
    : (address: string) => {
        const family = isIP(address)
        return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6')
      }
  return { trusts, client: (peer, forwardedFor) => clientBehind(peer, forwardedFor, trusts) }
}

function clientBehind (peer: string, forwardedFor: string | undefined, trusts: (address: string) => boolean): string {
  if (forwardedFor === undefined || !trusts(peer)) return peer
  let client = peer
  for (const entry of forwardedFor.split(',').reverse()) {
    const address = plainAddress(entry.trim())
    if (isIP(address) === 0) return client
    client = address
    if (!trusts(address)) return client
  }
  return client
}

/** Whether one peer is a trusted proxy, looked up once for each list of them. */
export class PeerTrust {
  readonly #peer: string
  #list: TrustedProxies | undefined
  #trusted = false

  constructor (peer: string) { this.#peer = peer }

  in (proxies: TrustedProxies): boolean {
    if (this.#list !== proxies) {
      this.#list = proxies
      this.#trusted = proxies.trusts(this.#peer)
    }
    return this.#trusted
  }
}

/** An address without port, brackets and the IPv4-in-IPv6 prefix. */
export function plainAddress (text: string): string {
  const bracketed = /^\[(.+)\](?::\d+)?$/.exec(text)
  const address = bracketed !== null ? bracketed[1]! : /^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}
