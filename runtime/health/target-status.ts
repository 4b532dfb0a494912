import type { Outcome } from './outcome.ts'

/** What is known of one target. Plain data: travels between processes. */
export interface TargetStatus {
  readonly upstream: string
  /** `http://10.0.0.1:8080` */
  readonly target: string
  /** By active checks; true while nothing is known. */
  readonly healthy: boolean
  /** Left alone for a while, by what requests have shown. */
  readonly ejected: boolean
  /** Why it is not used, in words; empty when it is. */
  readonly reason: string
}

/** How requests to a target went. Of one target, in order. Plain data. */
export interface TargetReport {
  readonly upstream: string
  readonly target: string
  readonly outcome: Outcome
  /** So many in a row; more than one only for successes. */
  readonly count: number
}
