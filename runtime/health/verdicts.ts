import type { Endpoint } from '../upstream/endpoint.ts'
import type { TargetStatus } from './target-status.ts'

/** What the health monitor has said last, in a process that serves. */
export interface Verdicts {
  take (status: TargetStatus): void
  /** Forgets all targets but these. */
  keep (targets: readonly { readonly upstream: string, readonly target: string }[]): void
  /** Brings an endpoint up to date. True when it makes a difference to who is chosen. */
  apply (upstream: string, endpoint: Endpoint, now: number): boolean
}

export function createVerdicts (): Verdicts {
  const known = new Map<string, TargetStatus>()
  return {
    take (status) {
      const key = `${status.upstream} ${status.target}`
      // Nothing said is the same as nothing wrong.
      if (status.healthy && !status.ejected) known.delete(key)
      else known.set(key, status)
    },
    keep (targets) {
      const kept = new Set(targets.map(({ upstream, target }) => `${upstream} ${target}`))
      for (const key of known.keys()) if (!kept.has(key)) known.delete(key)
    },
    apply (upstream, endpoint, now) {
      const status = known.get(`${upstream} ${endpoint.id}`)
      return endpoint.judge(status?.healthy ?? true, status?.ejected ?? false, status?.reason ?? '', now)
    }
  }
}
