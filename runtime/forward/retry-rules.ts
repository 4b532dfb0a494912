import type { Failure } from '../../schema/failure.ts'
import type { ResolvedRetries, RetryCause } from '../../schema/resolved.ts'
import type { ForwardExchange } from './forward-call.ts'
import { isIdempotent } from './idempotent.ts'
import type { Load } from './load.ts'

/** Why a failed try may be followed by another one; undefined: never. */
export function causeOf (failure: Failure): RetryCause | undefined {
  switch (failure.kind) {
    // Of a target that is full, the request has not even been written.
    case 'overloaded':
    case 'connect-failed':
    case 'connect-timeout': return 'connect-failure'
    case 'refused-stream': return 'refused-stream'
    case 'upstream-reset': return 'reset'
    case 'response-timeout': return 'response-timeout'
    default: return undefined
  }
}

/** The target has seen nothing of the request, or says so: any request may be sent again. */
export function isUnseen (cause: RetryCause): boolean {
  return cause === 'connect-failure' || cause === 'refused-stream'
}

/** The request may be executed twice: by its method, by its own word (`Idempotency-Key`), or by that of the user. */
export function mayRepeat (exchange: ForwardExchange, { nonIdempotent }: ResolvedRetries): boolean {
  return nonIdempotent || isIdempotent(exchange.method) || exchange.header('idempotency-key') !== undefined
}

/** Retries must not finish off a service in trouble: only a share of what is under way may be retries (Envoy's retry budget). */
export function isWithinBudget ({ active, retries }: Load, { budget, minConcurrent }: ResolvedRetries): boolean {
  return retries < Math.max(minConcurrent, budget * active)
}

/** Milliseconds before the `count`-th retry: full jitter over an exponential pause. `random` in [0, 1). */
export function pauseOf (count: number, { backoff: { base, max } }: ResolvedRetries, random: number): number {
  return random * Math.min(max, base * 2 ** (count - 1))
}
