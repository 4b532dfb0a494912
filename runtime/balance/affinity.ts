import type { BalanceRequest } from './hash-key.ts'
import type { Balancer } from './balancer.ts'
import type { Endpoint } from '../upstream/endpoint.ts'

/** Keeps the requests of one client on one endpoint. */
export interface Affinity {
  /** What is to be done when the endpoint of a client cannot be used. */
  readonly onFailure: 'redistribute' | 'fail'
  /** The endpoint to which the client is bound, usable or not; undefined for a new client. */
  bound (request: BalanceRequest, endpoints: readonly Endpoint[]): Endpoint | undefined
  /** The first choice for a client without one, or undefined: as the balancer chooses. */
  choose (request: BalanceRequest, balancer: Balancer, tried: readonly Endpoint[]): Endpoint | undefined
  /** Binds the client to the endpoint that has answered. Returns the `Set-Cookie` that tells it, or undefined. */
  bind (request: BalanceRequest, endpoint: Endpoint): string | undefined
}
