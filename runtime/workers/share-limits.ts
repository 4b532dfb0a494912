import type { DecodedBundle } from '../decode.ts'

/** Which of how many workers; the first is 1. */
export interface WorkerPlace { readonly worker: number, readonly workers: number }

/** The bundle with this worker's part of what its limits allow all workers together. */
export function shareLimits (bundle: DecodedBundle, place: WorkerPlace): DecodedBundle {
  const share = <Limit extends number | null>(limit: Limit): Limit => (limit === null ? null : shareOf(limit, place)) as Limit
  const shared = <Listener extends { readonly limits: { readonly connections: number | null } }>(listener: Listener): Listener => ({
    ...listener, limits: { ...listener.limits, connections: share(listener.limits.connections) }
  })
  return {
    ...bundle,
    listeners: bundle.listeners.map(shared),
    tcpListeners: bundle.tcpListeners.map(shared),
    upstreams: bundle.upstreams.map((upstream) => {
      const { connections: each, limits: all } = upstream
      return {
        ...upstream,
        connections: { ...each, max: share(each.max), pending: share(each.pending), requests: share(each.requests) },
        limits: { connections: share(all.connections), pending: share(all.pending), requests: share(all.requests) }
      }
    })
  }
}

/** The parts of all workers add up to the limit, but none is 0 unless the limit is: every worker must be able to serve. */
export function shareOf (limit: number, { worker, workers }: WorkerPlace): number {
  if (limit === 0) return 0
  return Math.max(1, Math.floor(limit / workers) + (worker <= limit % workers ? 1 : 0))
}
