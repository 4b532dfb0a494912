import { printHost, type HostPattern } from '../../schema/host.ts'
import { comparePaths, type PathPattern } from '../../schema/path.ts'
import { compareMatches } from '../../schema/precedence.ts'
import type { Resolved, ResolvedRoute } from '../../schema/resolved.ts'

/** A route under one of its hosts; undefined: any host that no other route names. */
export interface HostedRoute {
  readonly host: HostPattern | undefined
  readonly route: ResolvedRoute
}

/**
 * All routes host by host, each host's in an order in which the first that matches a request wins it. Routes of one path prefix stand
 * together, because that is how people look for them.
 */
export function routesInOrder ({ routes }: Resolved): HostedRoute[] {
  return routes
    .flatMap((route): HostedRoute[] => route.match.hosts.length === 0 ? [{ host: undefined, route }] : route.match.hosts.map((host) => ({ host, route })))
    .sort((a, b) => byHost(a.host, b.host) || byPath(a.route.match.path, b.route.match.path) || compareMatches(a.route.match, b.route.match) || (a.route.id < b.route.id ? -1 : 1))
}

/** Exact hosts, then wildcards from the longest, then any. */
function byHost (a: HostPattern | undefined, b: HostPattern | undefined): number {
  const rank = (host: HostPattern | undefined): number => host === undefined ? 2 : Number(host.wildcard)
  if (a === undefined || b === undefined || a.wildcard !== b.wildcard) return rank(a) - rank(b)
  const length = a.wildcard ? b.name.length - a.name.length : 0
  return length || byText(printHost(a), printHost(b))
}

const kinds = { static: 0, constrained: 1, param: 2, rest: 3 } as const

/** By the first segment that differs: kinds in order of precedence, literals by the alphabet. A path comes before those that begin with it. */
function byPath (a: PathPattern, b: PathPattern): number {
  for (let at = 0; at < Math.min(a.segments.length, b.segments.length); at++) {
    const [left, right] = [a.segments[at]!, b.segments[at]!]
    if (left.kind !== right.kind) return kinds[left.kind] - kinds[right.kind]
    if (left.kind === 'static' && right.kind === 'static' && left.text !== right.text) return byText(left.text, right.text)
    if (left.kind === 'constrained' && right.kind === 'constrained' && JSON.stringify({ ...left, name: '' }) !== JSON.stringify({ ...right, name: '' })) return comparePaths(a, b) || byText(a.source, b.source)
  }
  return a.segments.length - b.segments.length
}

function byText (a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
