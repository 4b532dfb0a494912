import { encodeAutomaton } from '../../schema/automaton/encode.ts'
import { bundleFormat } from '../../schema/bundle.ts'
import type { Bundle, BundlePolicy, BundleRoute, Revision } from '../../schema/bundle.ts'
import type { Config } from '../../schema/document.ts'
import { printHost } from '../../schema/host.ts'
import { invariant } from '../../schema/invariant.ts'
import type { Origin } from '../../schema/origin.ts'
import { pathParams, printPath } from '../../schema/path.ts'
import type { PathPattern } from '../../schema/path.ts'
import type { Resolved, ResolvedPolicy, ResolvedRoute } from '../../schema/resolved.ts'
import type { RouteAutomaton } from './automaton.ts'
import type { Chains } from './chains.ts'
import type { Checked } from './check.ts'
import { secretsIn } from './emit/secrets.ts'
import { semanticDigest } from './emit/semantic-digest.ts'
import { selfTest } from './emit/self-test.ts'
import { outcome } from './pass.ts'
import type { Outcome } from './pass.ts'
import { placeAt } from './place-at.ts'

/** Puts the bundle together. The same input gives the same bytes: nothing here looks at anything else. */
export function emit (config: Config, { resolved }: Checked, { automaton, analysis }: RouteAutomaton, chains: Chains, revision: Revision | null): Outcome<Bundle> {
  const upstreams = resolved.upstreams.map(({ policies, owner, pointer, ...upstream }) => upstream)
  const policies = chains.policies.map(bundlePolicy)
  const owners = ownersOf(resolved)
  return outcome({
    format: bundleFormat,
    name: resolved.name,
    requires: [...new Set(policies.map(({ name, version }) => `${name}@${version}`))].sort(),
    revision,
    semanticDigest: semanticDigest(resolved, chains),
    listeners: resolved.listeners.map(({ policies, pointer, ...listener }, index) => ({ ...listener, chain: chains.listeners[index]! })),
    tcpListeners: resolved.tcpListeners.map(({ pointer, ...listener }) => listener),
    upstreams,
    policies,
    chains: chains.chains,
    routes: resolved.routes.map((route, index) => bundleRoute(route, chains.routes[index]!)),
    matches: resolved.routes.map(({ match }) => ({ ...match, hosts: match.hosts.map(printHost), path: printPath(match.path) })),
    automaton: encodeAutomaton(automaton),
    witnesses: selfTest(resolved, analysis),
    secrets: secretsIn([resolved.listeners, upstreams, policies]),
    origins: originsOf(config, resolved),
    ...(Object.keys(owners).length === 0 ? {} : { owners })
  }, [])
}

function bundlePolicy ({ id, name, version, mode, options }: ResolvedPolicy): BundlePolicy {
  invariant(mode !== 'off', `policy ${id} is off and in a chain`)
  return { id, name, version, mode, options }
}

function bundleRoute ({ id, match, action }: ResolvedRoute, chain: number): BundleRoute {
  const names = pathParams(match.path)
  return {
    id,
    upstream: action.upstream,
    chain,
    rewrite: action.rewrite?.map((part) => ('text' in part ? part : { param: names.indexOf(part.param) })) ?? null,
    params: paramsOf(match.path),
    timeout: action.timeout
  }
}

function paramsOf ({ segments }: PathPattern): BundleRoute['params'] {
  return segments.flatMap((segment, index) => segment.kind === 'static' ? [] : [{
    name: segment.name,
    segment: index,
    rest: segment.kind === 'rest',
    prefix: segment.kind === 'constrained' ? segment.prefix.length : 0,
    suffix: segment.kind === 'constrained' ? segment.suffix.length : 0
  }])
}

function originsOf (config: Config, { routes, upstreams, listeners, tcpListeners }: Resolved): Record<string, Origin> {
  const origin = (pointer: string): Origin => placeAt(config, pointer).origin
  return Object.fromEntries([
    ...[...listeners, ...tcpListeners].map(({ name, pointer }) => [`listener:${name}`, origin(pointer)] as const),
    ...upstreams.map(({ name, pointer }) => [`upstream:${name}`, origin(pointer)] as const),
    ...routes.map(({ id, pointer }) => [`route:${id}`, origin(pointer)] as const)
  ])
}

function ownersOf ({ routes, upstreams }: Resolved): Record<string, string> {
  const all: readonly (readonly [string, string | null])[] = [
    ...upstreams.map(({ name, owner }) => [`upstream:${name}`, owner] as const),
    ...routes.map(({ id, owner }) => [`route:${id}`, owner] as const)
  ]
  return Object.fromEntries(all.flatMap(([key, owner]) => owner === null ? [] : [[key, owner]]))
}
