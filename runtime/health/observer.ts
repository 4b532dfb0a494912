import type { Endpoint } from '../upstream/endpoint.ts'
import type { Outcome } from './outcome.ts'
import type { TargetReport } from './target-status.ts'

/** Passive health as the data path of one process sees it. */
export interface HealthObserver {
  /** A try at an endpoint of the upstream went so. A success after a success costs two assignments. */
  observe (upstream: string, endpoint: Endpoint, outcome: Outcome): void
  /** Reports the successes of these from time to time, for success rates. */
  count (upstreams: readonly CountedUpstream[]): void
  close (): void
}

export interface CountedUpstream {
  readonly name: string
  readonly endpoints: readonly Endpoint[]
}

/** How often successes are reported, in milliseconds. */
const countInterval = 1_000

/** Tells `send` of failures and of what follows them, together at the end of a turn of the event loop. */
export function createObserver (send: (reports: readonly TargetReport[]) => void): HealthObserver {
  let waiting: TargetReport[] = []
  let counted: readonly CountedUpstream[] = []
  let counting: NodeJS.Timeout | undefined

  function report (upstream: string, endpoint: Endpoint, outcome: Outcome, count: number): void {
    if (waiting.push({ upstream, target: endpoint.id, outcome, count }) === 1) setImmediate(flush)
  }

  function flush (): void {
    const reports = waiting
    waiting = []
    send(reports)
  }

  function countSuccesses (): void {
    for (const { name, endpoints } of counted) {
      for (const endpoint of endpoints) {
        const { successes } = endpoint
        endpoint.successes = 0
        if (successes > 0) report(name, endpoint, 'success', successes)
      }
    }
  }

  return {
    observe (upstream, endpoint, outcome) {
      if (outcome === 'success') {
        endpoint.successes++
        if (!endpoint.failing) return
      }
      endpoint.failing = outcome !== 'success'
      const count = outcome === 'success' ? endpoint.successes : 1
      if (outcome === 'success') endpoint.successes = 0
      report(upstream, endpoint, outcome, count)
    },
    count (upstreams) {
      counted = upstreams
      clearInterval(counting)
      counting = upstreams.length === 0 ? undefined : setInterval(countSuccesses, countInterval).unref()
    },
    close () { clearInterval(counting) }
  }
}
