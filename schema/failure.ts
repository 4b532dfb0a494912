/**
 * An expected fault of the network or of a request: a value, never an exception on the hot path.
 * `runtime/problem.ts` is the one place where a Failure becomes a response.
 */
export type Failure =
  | { readonly kind: 'bad-request', readonly detail: string, readonly field?: string }
  | { readonly kind: 'head-too-large', readonly detail: string }
  | { readonly kind: 'body-too-large', readonly limit: number }
  | { readonly kind: 'request-timeout', readonly detail: string }
  | { readonly kind: 'no-route' }
  | { readonly kind: 'method-not-allowed', readonly allow: readonly string[] }
  | { readonly kind: 'misdirected' }
  | { readonly kind: 'no-target', readonly upstream: string }
  | { readonly kind: 'breaker-open', readonly upstream: string, readonly retryAfter: number }
  | { readonly kind: 'overloaded', readonly upstream: string, readonly retryAfter: number }
  | { readonly kind: 'connect-failed', readonly upstream: string, readonly target: string, readonly detail: string }
  | { readonly kind: 'connect-timeout', readonly upstream: string, readonly target: string }
  /** The target said that it has not processed the request (RFC 9113 §8.7). */
  | { readonly kind: 'refused-stream', readonly upstream: string, readonly target: string, readonly detail: string }
  | { readonly kind: 'response-timeout', readonly upstream: string, readonly target: string }
  | { readonly kind: 'upstream-reset', readonly upstream: string, readonly target: string, readonly detail: string }
  | { readonly kind: 'upstream-invalid', readonly upstream: string, readonly target: string, readonly detail: string }
  | { readonly kind: 'client-gone' }
  | { readonly kind: 'internal', readonly detail: string }

export type FailureKind = Failure['kind']
