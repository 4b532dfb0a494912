import { decodeAutomaton } from '../../schema/automaton/encode.ts'
import { createMatcher } from '../../schema/automaton/match.ts'
import type { Matcher } from '../../schema/automaton/match.ts'
import type { Bundle, BundleFile, BundlePolicy } from '../../schema/bundle.ts'
import { parseHost } from '../../schema/host.ts'
import { invariant } from '../../schema/invariant.ts'
import { isPathError, parsePath } from '../../schema/path.ts'
import type { RouteMatch } from '../../schema/resolved.ts'

/** One of the two gateways that a plan compares: a bundle, with the matches of its routes as patterns again. */
export interface Side {
  readonly bundle: Bundle
  readonly digest: string
  /** By route; `listeners` are indices into the bundle's. */
  readonly matches: readonly RouteMatch[]
}

/** A string says why this bundle cannot be compared. */
export function sideOf ({ bundle, digest }: BundleFile): Side | string {
  // Format 2.0 had only the automaton.
  if (!Array.isArray(bundle.matches)) return 'the bundle does not say which requests its routes match: compile it again with this version'
  const checked = new Set<string>()
  return { bundle, digest, matches: bundle.matches.map((match) => parseMatch(match, checked)) }
}

function parseMatch ({ hosts, path, ...rest }: Bundle['matches'][number], checked: Set<string>): RouteMatch {
  const parsed = parsePath(path, checked)
  invariant(!isPathError(parsed), `the bundle has the path ${path}`)
  return {
    ...rest,
    path: parsed,
    hosts: hosts.map((text) => {
      const host = parseHost(text)
      invariant(typeof host !== 'string', `the bundle has the host ${text}`)
      return host
    })
  }
}

/** A gateway that has nothing: what the first plan of all compares with. */
export const emptyBundle: Pick<Bundle, 'listeners' | 'tcpListeners' | 'upstreams' | 'policies' | 'chains' | 'routes' | 'matches'> = {
  listeners: [], tcpListeners: [], upstreams: [], policies: [], chains: [], routes: [], matches: []
}

/** Ready to match by the bundle's own tables; undefined where nothing listens. */
export function matcherOf ({ bundle }: Side): Matcher | undefined {
  return bundle.listeners.length === 0 ? undefined : createMatcher(decodeAutomaton(bundle.automaton))
}

/** Policies of a chain, in the order in which they run. */
export function policiesOf ({ bundle }: Side, chain: number): readonly BundlePolicy[] {
  return bundle.chains[chain]!.map((index) => bundle.policies[index]!)
}

/** Who answers for a route, by its id, or for an upstream, by its name. */
export function ownerOf ({ bundle }: Side, kind: 'route' | 'upstream', name: string): string | undefined {
  return bundle.owners?.[`${kind}:${name}`]
}
