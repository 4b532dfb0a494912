import type { Control, Published, Refused } from './control.ts'
import type { BreakerState } from './forward/breaker.ts'
import type { Fleet, ProcessReport } from './fleet.ts'
import type { UpstreamReport } from './gateway.ts'
import type { TargetStatus } from './health/target-status.ts'
import type { Following } from './sources/follow.ts'
import type { Source } from './sources/source.ts'

/** What `GET /status` answers. Members may be added, never change their meaning. */
export interface Status {
  readonly formatVersion: '1.0'
  readonly pid: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Whether requests are served. */
  readonly ready: boolean
  readonly source: {
    readonly kind: Source['kind']
    readonly from: string
    /** `synced`: what it has is served. `rejected`: it has something that is not served. `away`: it cannot be reached. `starting`: it was not looked at yet. */
    readonly state: 'starting' | 'synced' | 'rejected' | 'away'
    readonly lookedAt: number | null
    /** Why it is away. */
    readonly reason: string | null
  }
  readonly active: Published | null
  readonly previous: Published | null
  /** What the source wants served, if that is not the active one. */
  readonly rejected: Refused | null
  /** Why the active bundle is not on disk for a restart without network. */
  readonly unsaved: string | null
  readonly listeners: readonly { readonly name: string, readonly scheme: 'http' | 'https' | 'tcp', readonly address: string, readonly port: number, readonly connections: number }[]
  readonly processes: readonly Omit<ProcessReport, 'listeners' | 'counters' | 'upstreams'>[]
  /** Health of the targets of the active bundle. */
  readonly targets: readonly TargetStatus[]
  /** Over all processes. */
  readonly upstreams: readonly UpstreamStatus[]
  /** Of policies, over all processes. */
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export interface UpstreamStatus extends Omit<UpstreamReport, 'breaker'> {
  /** In how many processes its breaker is in which state; null: it has none. */
  readonly breakers: Readonly<Partial<Record<BreakerState, number>>> | null
}

export interface StatusParts {
  readonly source: Source
  readonly following: Following
  readonly control: Control
  readonly fleet: Fleet
  readonly startedAt: number
  readonly stopping: boolean
}

export async function statusOf ({ source, following, control, fleet, startedAt, stopping }: StatusParts): Promise<Status> {
  const reports = await fleet.report()
  const { last } = following
  return {
    formatVersion: '1.0',
    pid: process.pid,
    startedAt,
    ready: control.active !== undefined && !stopping,
    source: {
      kind: source.kind,
      from: source.from,
      state: last === undefined ? 'starting' : last.result.kind === 'away' ? 'away' : control.refused === undefined ? 'synced' : 'rejected',
      lookedAt: last?.at ?? null,
      reason: last?.result.kind === 'away' ? last.result.reason : null
    },
    active: control.active ?? null,
    previous: control.previous ?? null,
    rejected: control.refused ?? null,
    unsaved: control.unsaved ?? null,
    listeners: listenersOf(reports),
    processes: reports.map(({ listeners: _listeners, counters: _counters, upstreams: _upstreams, ...rest }) => rest),
    targets: fleet.targets,
    upstreams: upstreamsOf(reports),
    counters: countersOf(reports)
  }
}

/** All processes listen on the same sockets. */
export function listenersOf (reports: readonly ProcessReport[]): Status['listeners'] {
  return (reports[0]?.listeners ?? []).map((listener) => ({
    ...listener,
    connections: reports.reduce((sum, { listeners }) => sum + (listeners.find(({ name }) => name === listener.name)?.connections ?? 0), 0)
  }))
}

function upstreamsOf (reports: readonly ProcessReport[]): readonly UpstreamStatus[] {
  const sums = new Map<string, { active: number, retries: number, breakers: Partial<Record<BreakerState, number>> | null }>()
  for (const { name, active, retries, breaker } of reports.flatMap(({ upstreams }) => upstreams)) {
    const sum = sums.get(name) ?? { active: 0, retries: 0, breakers: breaker === null ? null : {} }
    sums.set(name, sum)
    sum.active += active
    sum.retries += retries
    if (breaker !== null && sum.breakers !== null) sum.breakers[breaker] = (sum.breakers[breaker] ?? 0) + 1
  }
  return [...sums].map(([name, sum]) => ({ name, ...sum }))
}

function countersOf (reports: readonly ProcessReport[]): Status['counters'] {
  const sums = new Map<string, Map<string, number>>()
  for (const { counters } of reports) {
    for (const [id, counts] of Object.entries(counters)) {
      const sum = sums.get(id) ?? new Map<string, number>()
      sums.set(id, sum)
      for (const [name, value] of Object.entries(counts)) sum.set(name, (sum.get(name) ?? 0) + value)
    }
  }
  return Object.fromEntries([...sums].map(([id, counts]) => [id, Object.fromEntries(counts)]))
}
