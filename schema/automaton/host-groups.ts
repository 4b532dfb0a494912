import { printHost } from '../host.ts'
import type { RouteMatch } from '../resolved.ts'

/** The routes of one host of one listener; hosts with the same routes share a group. */
export interface HostGroup {
  /** Ascending. */
  readonly routes: readonly number[]
  /** Where the group applies; `host` is printed, empty for any other. */
  readonly places: readonly { readonly listener: number, readonly host: string }[]
}

/** Sorts routes by listener and host, both of which are picked before the path is looked at. */
export function groupByHost (routes: readonly RouteMatch[], listeners: number): readonly HostGroup[] {
  // Routes with the same listeners and hosts go together, so that thousands of routes under a hundred hosts stay cheap.
  const bundles = new Map<string, number[]>()
  for (const [route, { listeners: on, hosts }] of routes.entries()) {
    const key = `${on.join()} ${hosts.map(printHost).sort().join()}`
    const bundle = bundles.get(key)
    if (bundle === undefined) bundles.set(key, [route])
    else bundle.push(route)
  }
  const byPlace = Array.from({ length: listeners }, () => new Map<string, number[][]>())
  for (const bundle of bundles.values()) {
    const { listeners: on, hosts } = routes[bundle[0]!]!
    const names = hosts.length === 0 ? [''] : [...new Set(hosts.map(printHost))]
    for (const listener of on) {
      for (const name of names) {
        const place = byPlace[listener]!.get(name)
        if (place === undefined) byPlace[listener]!.set(name, [bundle])
        else place.push(bundle)
      }
    }
  }
  const groups = new Map<string, { routes: readonly number[], places: { listener: number, host: string }[] }>()
  for (const [listener, places] of byPlace.entries()) {
    for (const [host, members] of [...places].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const key = members.map((bundle) => bundle[0]).join()
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { routes: members.flat().sort((a, b) => a - b), places: [{ listener, host }] })
      else group.places.push({ listener, host })
    }
  }
  return [...groups.values()]
}
