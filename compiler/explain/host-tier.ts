import { printHost, type HostPattern } from '../../schema/host.ts'
import type { ResolvedRoute } from '../../schema/resolved.ts'

/** The host that decides for a request on one listener: exact, longest wildcard, or undefined for any. The others are out, for hosts do not fall through. */
export function hostTier (routes: readonly ResolvedRoute[], listener: number, host: string): HostPattern | undefined {
  const named = routes.filter(({ match }) => match.listeners.includes(listener)).flatMap(({ match }) => match.hosts)
  const fitting = named.filter(({ wildcard, name }) => wildcard ? host.length > name.length + 1 && host.endsWith(`.${name}`) : host === name)
  return fitting.find(({ wildcard }) => !wildcard) ?? fitting.reduce<HostPattern | undefined>((longest, one) => longest === undefined || one.name.length > longest.name.length ? one : longest, undefined)
}

/** Whether a route stands under the host that decides. */
export function inTier ({ match }: ResolvedRoute, tier: HostPattern | undefined): boolean {
  if (tier === undefined) return match.hosts.length === 0
  return match.hosts.some((host) => printHost(host) === printHost(tier))
}
