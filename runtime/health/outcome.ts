import type { Failure } from '../../schema/failure.ts'

/** How a try at a target went. `server-error`: 5xx, but not 502, 503 or 504, which are `gateway-error`. `broken`: reset, or no HTTP. */
export type Outcome = 'success' | 'server-error' | 'gateway-error' | 'connect-failure' | 'broken' | 'timeout'

export function outcomeOfStatus (status: number): Outcome {
  if (status < 500) return 'success'
  return status >= 502 && status <= 504 ? 'gateway-error' : 'server-error'
}

/** Undefined: it was not the target's fault. */
export function outcomeOfFailure ({ kind }: Failure): Outcome | undefined {
  switch (kind) {
    case 'connect-failed':
    case 'connect-timeout': return 'connect-failure'
    case 'refused-stream':
    case 'upstream-reset':
    case 'upstream-invalid': return 'broken'
    case 'response-timeout': return 'timeout'
    default: return undefined
  }
}
