import { milliseconds, printDuration } from '../../schema/duration.ts'
import type { Answer, Exchange } from '../../schema/exchange.ts'
import type { PolicyHandler, PolicyHost } from '../../schema/policy.ts'
import { keyReader } from './key.ts'
import type { LimitQuery, LimitVerdict } from './meter.ts'
import type { RateLimitOptions } from './options.ts'

/** Problem type of draft-ietf-httpapi-ratelimit-headers §5.1. */
const quotaExceeded = 'https://iana.org/assignments/http-problem-types#quota-exceeded'

/**
 * Asks the ledger for each request and tells the client how much is left, in the fields of draft-ietf-httpapi-ratelimit-headers.
 * Several limits on one request each add their item.
 */
export function createHandler (options: RateLimitOptions, host: PolicyHost): PolicyHandler {
  const { limit, cost = 1, burst = limit, by = 'client-address' } = options
  const window = milliseconds(options.window)
  const sliding = options.algorithm === 'sliding-window'
  const name = options.name ?? `${limit}-per-${printDuration(window)}`
  const seconds = window / 1000
  // The draft knows whole seconds only; without `w` the quota stands alone.
  const policy = `"${name}";q=${limit}${Number.isInteger(seconds) ? `;w=${seconds}` : ''}`
  const item = `"${name}";r=`
  const keyOf = keyReader(by)

  function settle (exchange: Exchange, verdict: LimitVerdict): Answer | undefined {
    const wait = Math.ceil(verdict.wait / 1000)
    exchange.responseEdits.append('ratelimit-policy', policy)
    exchange.responseEdits.append('ratelimit', `${item}${verdict.remaining};t=${wait}`)
    if (verdict.allowed) return undefined
    host.count('refused')
    return {
      status: 429,
      reason: 'rate-limited',
      headers: [['retry-after', String(Math.max(1, wait))]],
      problem: {
        type: quotaExceeded,
        title: 'Too many requests',
        detail: `The limit of ${limit} in ${printDuration(window)} is used up. Try again in ${Math.max(1, wait)} s.`,
        extensions: { 'violated-policies': [name] }
      }
    }
  }

  return {
    request (exchange) {
      const query: LimitQuery = { key: keyOf(exchange), sliding, limit, window, burst, cost }
      const verdict = host.ledger(query)
      return verdict instanceof Promise
        ? verdict.then((late) => settle(exchange, late as LimitVerdict))
        : settle(exchange, verdict as LimitVerdict)
    }
  }
}
