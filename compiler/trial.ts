import type { IncomingHttpHeaders } from 'node:http'
import type { WitnessRequest } from '../schema/diagnostic.ts'

/** A request to try; a witness is one without body. */
export interface TrialRequest extends WitnessRequest {
  readonly body?: string
  /** As it came, in place of `query`. */
  readonly search?: string
}

/** What one policy decided about a request: it let it pass (null), or answered. */
export interface PolicyDecision {
  readonly id: string
  readonly name: string
  readonly answer: { readonly status: number, readonly reason: string } | null
}

/** A request as an upstream gets it. */
export interface Forwarded {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What the gateway did with one request. */
export interface TrialAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** `ok`, `api-key-missing`, `no-route`, …: what the access log says. */
  readonly reason: string
  readonly route: string | null
  readonly upstream: string | null
  /** What each policy that was asked decided, in order; one that answers in shadow mode is not heeded. */
  readonly policies: readonly (PolicyDecision & { readonly mode: 'enforce' | 'shadow' })[]
  /** Names of all policies on its way, in the order in which they run; without those in shadow mode. */
  readonly chain: readonly string[]
  /** What the upstream was asked for; null: nothing, or upstreams are real. */
  readonly forwarded: Forwarded | null
}
