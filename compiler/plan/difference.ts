import type { PlanCode } from './codes.ts'

/** Which way a facet moved, as protections go. `different`: it is no protection, or the two cannot be compared. */
export type Order = 'weaker' | 'stronger' | 'different'

/** One facet of what becomes of a request, before and after. */
export interface Difference {
  readonly facet: string
  /** Short text for people; names of targets, options, `none`. */
  readonly before: string
  readonly after: string
  readonly order: Order
  /** Undefined: neither a weakening nor breaking. */
  readonly code: PlanCode | undefined
}
