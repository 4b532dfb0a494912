import { hash } from 'node:crypto'
import type { Exchange } from '../../schema/exchange.ts'
import { addressBlock } from './address-block.ts'
import type { RateLimitOptions } from './options.ts'

/** Makes the function that says under which key a request is counted. */
export function keyReader (by: NonNullable<RateLimitOptions['by']>): (exchange: Exchange) => string {
  if (by === 'all') return () => ''
  if (by === 'client-address') return ({ clientAddress }) => addressBlock(clientAddress)
  const colon = by.indexOf(':')
  const name = by.slice(colon + 1)
  const read = reader(by.slice(0, colon), name)
  return (exchange) => {
    const value = read(exchange)
    // The marks keep a header that spells an address out of the count of that address.
    return value === undefined || value === '' ? `@${addressBlock(exchange.clientAddress)}` : `=${short(value)}`
  }
}

function reader (kind: string, name: string): (exchange: Exchange) => string | undefined {
  if (kind === 'header') { const field = name.toLowerCase(); return (exchange) => exchange.header(field) }
  if (kind === 'cookie') return (exchange) => exchange.cookie(name)
  return (exchange) => exchange.param(name)
}

/** Long values are counted by their hash, so that no client decides how much memory a key takes. */
function short (value: string): string {
  return value.length <= 64 ? value : hash('sha256', value, 'base64')
}
