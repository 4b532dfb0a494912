import type { Secret } from '../generated/gateway.ts'

/**
 * Refers to a secret by name. The runtime resolves it, from the environment or a file, at each use; its value is never in a config, bundle, plan or log.
 *
 * ```ts
 * const users = upstream('users', { targets: ['https://users.internal:8443'], tls: { ca: secret('USERS_CA') } })
 * ```
 */
export function secret (name: string): Secret {
  return Object.freeze({ $secret: name })
}
