import type { Endpoint } from '../upstream/endpoint.ts'

/** Least share of its weight that a recovering endpoint gets, so that it gets any. */
const leastShare = 0.1

/** Share of the slow start after which weights are computed again. */
export const rampStep = 0.02

/** The weight of an endpoint now: after it was down it returns to its full weight in a straight line over `slowStart` milliseconds. */
export function rampedWeight (endpoint: Endpoint, slowStart: number, now: number): number {
  return endpoint.target.weight * rampedShare(endpoint, slowStart, now)
}

/** In [0.1, 1]. */
export function rampedShare ({ recoveredAt }: Endpoint, slowStart: number, now: number): number {
  const since = now - recoveredAt
  return since >= slowStart ? 1 : Math.max(leastShare, since / slowStart)
}
