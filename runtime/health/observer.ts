import type { Endpoint } from '../upstream/endpoint.ts'
import type { Outcome } from './outcome.ts'

/** Passive health as the data path sees it. */
export interface HealthObserver {
  /** A try at an endpoint of the upstream went so. */
  observe (upstream: string, endpoint: Endpoint, outcome: Outcome): void
}
