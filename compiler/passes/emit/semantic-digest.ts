import { canonicalJson, digest } from '../../../schema/canonical.ts'
import { printHost } from '../../../schema/host.ts'
import { printPath } from '../../../schema/path.ts'
import { upstreamsOfTcp } from '../../../schema/upstreams-of-tcp.ts'
import type { Resolved, ResolvedPolicy, ResolvedRoute, ResolvedUpstream } from '../../../schema/resolved.ts'
import type { Chains } from '../chains.ts'

/**
 * Digest of what a gateway does to requests. Names, ids, owners, origins and order are not in it: everything that is named is replaced by its content,
 * and lists without order are sorted. What is shared stays told apart from what is equal: one limiter for two routes is not two limiters.
 */
export function semanticDigest (resolved: Resolved, chains: Chains): string {
  const listeners = resolved.listeners.map((listener, index) => {
    const { name, policies, pointer, trustedProxies, ...rest } = listener
    return digest(canonicalJson({ ...rest, trustedProxies: [...trustedProxies].sort(), policies: chains.chains[chains.listeners[index]!]!.map((at) => policyContent(chains.policies[at]!)) }))
  })
  const matches = resolved.routes.map(({ match }) => digest(canonicalJson({
    listeners: match.listeners.map((index) => listeners[index]).sort(),
    hosts: match.hosts.map(printHost).sort(),
    methods: [...match.methods].sort(),
    path: printPath(match.path),
    conditions: match.conditions,
    priority: match.priority
  })))
  const policies = shared(chains.policies, policyContent, matches, (visit) => {
    chains.routes.forEach((chain, route) => { for (const policy of chains.chains[chain]!) visit(policy, route) })
  })
  const tcp = resolved.tcpListeners.map(({ name, pointer, trustedProxies, to, sni, ...rest }) => digest(canonicalJson({
    ...rest, trustedProxies: [...trustedProxies].sort(), sni: sni.map(({ hosts }) => hosts.map(printHost).sort())
  })))
  const upstreams = shared(resolved.upstreams, upstreamContent, [...matches, ...tcp], (visit) => {
    resolved.routes.forEach(({ action }, route) => { visit(action.upstream, route) })
    resolved.tcpListeners.forEach((listener, index) => { for (const upstream of upstreamsOfTcp(listener)) visit(upstream, matches.length + index) })
  })
  const connections = resolved.tcpListeners.map(({ to, sni }, index) => digest(canonicalJson({
    listener: tcp[index],
    to: to === null ? null : upstreams[to],
    sni: sni.flatMap(({ hosts, upstream }) => hosts.map((host) => `${printHost(host)} ${upstreams[upstream]}`)).sort()
  })))
  const routes = resolved.routes.map(({ action }: ResolvedRoute, route) => digest(canonicalJson({
    match: matches[route],
    upstream: upstreams[action.upstream],
    rewrite: action.rewrite,
    timeout: action.timeout,
    policies: chains.chains[chains.routes[route]!]!.map((policy) => policies[policy])
  })))
  return digest(canonicalJson({ name: resolved.name, listeners: [...listeners].sort(), tcp: connections.sort(), routes: routes.sort() }))
}

/** Identifies instances by their content and by which routes use them. */
function shared<Instance> (instances: readonly Instance[], content: (instance: Instance) => unknown, matches: readonly string[], visitUses: (visit: (instance: number, route: number) => void) => void): readonly string[] {
  const users: string[][] = instances.map(() => [])
  visitUses((instance, route) => { users[instance]!.push(matches[route]!) })
  return instances.map((instance, index) => digest(canonicalJson({ content: content(instance), users: users[index]!.sort() })))
}

function policyContent ({ name, version, mode, options }: ResolvedPolicy): unknown {
  return { name, version, mode, options }
}

function upstreamContent ({ name, policies, owner, pointer, targets, upgrades, ...rest }: ResolvedUpstream): unknown {
  return { ...rest, targets: targets.map((target) => canonicalJson(target)).sort(), upgrades: [...upgrades].sort() }
}
