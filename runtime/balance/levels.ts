import type { ResolvedUpstream } from '../../schema/resolved.ts'
import type { Endpoint } from '../upstream/endpoint.ts'

/** Endpoints that are chosen from together, and the share of requests that goes to them. */
export interface Level {
  readonly endpoints: readonly Endpoint[]
  /** In (0, 1]; the shares of all levels add up to 1. */
  readonly share: number
}

interface Group {
  readonly all: Endpoint[]
  readonly usable: Endpoint[]
}

/**
 * Divides requests among priorities, and within a priority between the gateway's zone and the others. Each group takes what its healthy
 * weight can bear (`overprovisioning` times its healthy share), the next ones what is missing. When all together cannot bear the load and
 * the healthy share of everything is below `panic`, health is not looked at any more. Draining endpoints and those of weight 0 take nothing.
 */
export function levelsOf (endpoints: readonly Endpoint[], { overprovisioning, panic, zone }: ResolvedUpstream['failover'], own: string | undefined): readonly Level[] {
  const open = endpoints.filter(({ target }) => target.weight > 0 && !target.drain)
  const groups = groupsOf(open, zone === 'prefer' ? own : undefined)
  const shares: number[] = []
  let missing = 1
  for (const { all, usable } of groups) {
    const share = Math.min(missing, overprovisioning * weightOf(usable) / weightOf(all))
    missing -= share
    shares.push(share)
  }
  const borne = 1 - missing
  const healthy = weightOf(groups.flatMap(({ usable }) => usable)) / Math.max(1, weightOf(open))
  if (missing > 1e-9 && healthy < panic) return open.length === 0 ? [] : [{ endpoints: open, share: 1 }]
  return groups.flatMap(({ usable }, i) => (shares[i]! > 0 ? [{ endpoints: usable, share: shares[i]! / borne }] : []))
}

/** In the order in which they are asked. */
function groupsOf (endpoints: readonly Endpoint[], zone: string | undefined): readonly Group[] {
  const groups = new Map<number, Group>()
  for (const endpoint of endpoints) {
    const { target } = endpoint
    const order = target.priority * 2 + (zone === undefined || target.zone === zone ? 0 : 1)
    const group = groups.get(order) ?? { all: [], usable: [] }
    groups.set(order, group)
    group.all.push(endpoint)
    if (endpoint.usable) group.usable.push(endpoint)
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group)
}

function weightOf (endpoints: readonly Endpoint[]): number {
  return endpoints.reduce((sum, { target }) => sum + target.weight, 0)
}
