import { milliseconds } from '../../../schema/duration.ts'
import type { CircuitBreaker, Ejection, HealthCheck, SuccessRate, UpstreamDocument } from '../../../schema/generated/gateway.ts'
import { nodeSchemas } from '../../../schema/generated/schemas.ts'
import type { ResolvedBreaker, ResolvedEjection, ResolvedHealth } from '../../../schema/resolved.ts'
import { withDefaults } from './defaults.ts'

interface UpstreamSchemas {
  readonly health: object
  readonly breaker: object
  readonly ejection: { readonly anyOf: readonly [object, object] }
}

const { health: healthSchema, breaker: breakerSchema, ejection: { anyOf: [, ejectionSchema] } } = nodeSchemas.upstream['properties'] as UpstreamSchemas

/** Active checks with their defaults, or null: none. */
export function resolveHealth (document: HealthCheck | undefined): ResolvedHealth | null {
  if (document === undefined) return null
  const { status, interval, timeout, host = null, port = null, body = null, ...rest } = withDefaults(healthSchema, document) as HealthCheck & Required<Omit<HealthCheck, 'host' | 'port' | 'body'>>
  return {
    ...rest, host, port, body,
    status: status.map((range) => {
      const [first = '', last = first] = range.split('-')
      return [Number(first), Number(last)]
    }),
    interval: milliseconds(interval),
    timeout: milliseconds(timeout)
  }
}

/** Passive health with its defaults; it is on unless it is turned off. */
export function resolveEjection (document: UpstreamDocument['ejection'] = {}): ResolvedEjection | null {
  if (typeof document === 'boolean') return null
  const filled = withDefaults(ejectionSchema, { ...document }) as Required<Ejection>
  return {
    consecutiveServerErrors: filled.consecutiveServerErrors || null,
    consecutiveGatewayFailures: filled.consecutiveGatewayFailures || null,
    consecutiveConnectFailures: filled.consecutiveConnectFailures || null,
    successRate: document.successRate === undefined ? null : filled.successRate as Required<SuccessRate>,
    interval: milliseconds(filled.interval),
    base: milliseconds(filled.base),
    max: milliseconds(filled.max),
    maxEjected: filled.maxEjected
  }
}

/** A circuit breaker with its defaults, or null: none. */
export function resolveBreaker (document: CircuitBreaker | undefined): ResolvedBreaker | null {
  if (document === undefined) return null
  const { window, open, ramp, consecutive = null, ...rest } = withDefaults(breakerSchema, document) as CircuitBreaker & Required<Omit<CircuitBreaker, 'consecutive'>>
  return { ...rest, consecutive, window: milliseconds(window), open: milliseconds(open), ramp: milliseconds(ramp) }
}
