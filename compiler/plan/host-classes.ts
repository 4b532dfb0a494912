import { groupByHost } from '../../schema/automaton/host-groups.ts'
import type { HostGroup } from '../../schema/automaton/host-groups.ts'
import type { RouteMatch } from '../../schema/resolved.ts'
import type { ListenerPair } from './listener-pairs.ts'
import type { Side } from './side.ts'

/** Hosts for which each gateway looks at the same routes throughout. */
export interface HostClass {
  /** Ascending; what either gateway chooses among. */
  readonly before: readonly number[]
  readonly after: readonly number[]
  /** `host` is printed: all hosts under it that no longer pattern of either gateway takes; empty for any other. */
  readonly places: readonly { readonly listener: number, readonly host: string }[]
}

/** Sorts all hosts, listener by listener, by the routes that the two gateways choose among for them. Listeners are indices into `pairs`. */
export function hostClasses (before: Pick<Side, 'matches'>, after: Pick<Side, 'matches'>, pairs: readonly ListenerPair[]): readonly HostClass[] {
  const sides = [groups(before, 'before', pairs), groups(after, 'after', pairs)] as const
  const classes = new Map<string, { before: readonly number[], after: readonly number[], places: { listener: number, host: string }[] }>()
  for (const listener of pairs.keys()) {
    const [old, now] = sides.map(({ byPlace }) => byPlace[listener]!) as [ByHost, ByHost]
    for (const host of [...new Set([...old.keys(), ...now.keys(), ''])].sort()) {
      const was = pick(old, host)
      const is = pick(now, host)
      const key = `${was} ${is}`
      const place = { listener, host }
      const known = classes.get(key)
      if (known === undefined) classes.set(key, { before: sides[0].routes(was), after: sides[1].routes(is), places: [place] })
      else known.places.push(place)
    }
  }
  return [...classes.values()]
}

/** Index of a group by printed host pattern. */
type ByHost = ReadonlyMap<string, number>

function groups ({ matches }: Pick<Side, 'matches'>, which: 'before' | 'after', pairs: readonly ListenerPair[]): { byPlace: readonly ByHost[], routes (group: number): readonly number[] } {
  const pairOf = new Map(pairs.map((pair, index) => [pair[which], index]))
  const shifted = matches.map((match): RouteMatch => ({ ...match, listeners: match.listeners.map((listener) => pairOf.get(listener)!) }))
  const found: readonly HostGroup[] = groupByHost(shifted, pairs.length)
  const byPlace = pairs.map(() => new Map<string, number>())
  for (const [index, { places }] of found.entries()) for (const { listener, host } of places) byPlace[listener]!.set(host, index)
  return { byPlace, routes: (group) => found[group]?.routes ?? [] }
}

/** The group of the pattern itself, else of the longest wildcard above it, else of any host; -1: none. */
function pick (byHost: ByHost, host: string): number {
  const own = byHost.get(host)
  if (own !== undefined) return own
  const labels = host.replace(/^\*\./, '').split('.')
  for (let from = 1; host !== '' && from < labels.length; from++) {
    const above = byHost.get(`*.${labels.slice(from).join('.')}`)
    if (above !== undefined) return above
  }
  return byHost.get('') ?? -1
}
