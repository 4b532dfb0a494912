import type { Endpoint } from '../upstream/endpoint.ts'

/** One way to choose among endpoints. Choosing allocates nothing. */
export interface Picker {
  /** Takes the endpoints to choose from and their weights, all above zero. What it knows of those that stay is kept. */
  update (endpoints: readonly Endpoint[], weights: Float64Array): void
  /** An endpoint that takes one more request and is none of `tried`, or undefined. */
  pick (tried: readonly Endpoint[]): Endpoint | undefined
}
