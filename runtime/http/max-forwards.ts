import type { Answer } from '../../schema/exchange.ts'
import type { Failure } from '../../schema/failure.ts'
import type { HttpExchange } from './exchange.ts'

/** Whether intermediaries count a request of this method down (RFC 9110 §7.6.2). */
export function countsHops (method: string): boolean {
  return method === 'OPTIONS' || method === 'TRACE'
}

/** What ends a request that may go no further, or undefined. The gateway answers as the last recipient: it has no options of its own, and reflects nothing. */
export function lastHop (exchange: HttpExchange): Answer | Failure | undefined {
  if (!countsHops(exchange.method)) return undefined
  const hops = exchange.header('max-forwards')
  if (hops === undefined) return undefined
  if (!/^\d{1,9}$/.test(hops)) return { kind: 'bad-request', detail: 'malformed Max-Forwards', field: 'max-forwards' }
  if (Number(hops) > 0) return undefined
  return exchange.method === 'OPTIONS' ? { status: 204, reason: 'max-forwards' } : { kind: 'method-not-allowed', allow: [] }
}
