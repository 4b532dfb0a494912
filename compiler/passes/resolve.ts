import type { GroupDocument, RouteDocument } from '../../schema/generated/gateway.ts'
import { nodeSchemas } from '../../schema/generated/schemas.ts'
import { printHost } from '../../schema/host.ts'
import { isPathError, parsePath } from '../../schema/path.ts'
import type { PathPattern } from '../../schema/path.ts'
import type { AnyPolicy } from '../../schema/policy.ts'
import type { Resolved, ResolvedListener, ResolvedRoute, ResolvedTcpListener } from '../../schema/resolved.ts'
import { outcome } from './pass.ts'
import type { Outcome } from './pass.ts'
import { withDefaults } from './resolve/defaults.ts'
import { resolveHosts } from './resolve/hosts.ts'
import { resolveInvariant } from './resolve/invariant.ts'
import { checkPorts, resolveListener } from './resolve/listener.ts'
import { createPolicyResolver } from './resolve/policies.ts'
import { resolveListeners } from './resolve/references.ts'
import { resolveRoute } from './resolve/route.ts'
import type { Inherited, RouteNames } from './resolve/route.ts'
import { createScope, report } from './resolve/scope.ts'
import type { Scope } from './resolve/scope.ts'
import { resolveTcpListener } from './resolve/tcp-listener.ts'
import { resolveUpstream } from './resolve/upstream.ts'
import type { ValidConfig } from './validate.ts'

/** Binds names, flattens groups and fills defaults. Nodes stay in the order in which they were written. */
export function resolve (config: ValidConfig, registry: ReadonlyMap<string, AnyPolicy>): Outcome<Resolved> {
  const { document } = config
  const scope = createScope(config, registry)
  const policies = createPolicyResolver(scope)
  const names = createRouteNames(scope)
  const listeners: ResolvedListener[] = []
  const tcpListeners: ResolvedTcpListener[] = []
  for (const [name, listener] of Object.entries(document.listeners)) {
    if (listener.protocol === 'tcp') tcpListeners.push(resolveTcpListener(scope, name, listener, `/listeners/${name}`))
    else listeners.push(resolveListener(scope, policies, name, listener, `/listeners/${name}`))
  }
  checkPorts(scope, [...listeners, ...tcpListeners])
  const upstreams = Object.entries(document.upstreams ?? {}).map(([name, upstream]) => resolveUpstream(scope, policies, name, upstream, `/upstreams/${name}`))
  const routes: ResolvedRoute[] = []
  flatten(document.routes, '/routes', { hosts: [], prefix: noPrefix, listeners: undefined, policies: [], owner: undefined, public: false })
  const { name } = withDefaults(nodeSchemas.gateway, { name: document.name }) as { readonly name: string }
  const invariants = (document.invariants ?? []).flatMap((invariant, index) => resolveInvariant(scope, invariant, `/invariants/${index}`) ?? [])
  return outcome({ name, listeners, tcpListeners, upstreams, routes, invariants }, scope.findings)

  function flatten (nodes: readonly (RouteDocument | GroupDocument)[], pointer: string, inherited: Inherited): void {
    for (const [index, node] of nodes.entries()) {
      const at = `${pointer}/${index}`
      if ('routes' in node) {
        flatten(node.routes, `${at}/routes`, inside(node, at, inherited))
        continue
      }
      const route = resolveRoute(scope, policies, names, node, inherited, at)
      if (route !== undefined) routes.push(route)
    }
  }

  function inside (group: GroupDocument, pointer: string, around: Inherited): Inherited {
    const hosts = group.host === undefined ? around.hosts : resolveHosts(scope, group.host, pointer)
    const own = group.prefix === undefined ? noPrefix : staticPrefix(scope, group.prefix, pointer)
    const prefix: PathPattern = { source: `${around.prefix.source}${own.source}`, segments: [...around.prefix.segments, ...own.segments] }
    const site = `group:${group.name ?? `${hosts.map(printHost).join('|')}${prefix.source}`}`
    return {
      hosts,
      prefix,
      listeners: group.listeners === undefined ? around.listeners : resolveListeners(scope, group.listeners, pointer),
      policies: [...around.policies, ...policies.resolve(group.policies, pointer, site, 'route')],
      owner: group.owner ?? around.owner,
      public: group.public ?? around.public
    }
  }
}

const noPrefix: PathPattern = { source: '', segments: [] }

/** A prefix without a slash at its end; none after a report. */
function staticPrefix (scope: Scope, text: string, pointer: string): PathPattern {
  const path = parsePath(text.replace(/\/$/, '') || '/')
  const wrong = isPathError(path) ? path
    : path.segments.some(({ kind }) => kind !== 'static') ? { message: 'a prefix has no parameters; write them in the routes', at: text.search(/[:*]/) } : undefined
  if (wrong !== undefined) scope.findings.push(report('path/invalid-pattern', wrong.message, { place: { ...scope.place(`${pointer}/prefix`), part: wrong.at } }))
  return isPathError(path) || wrong !== undefined || path.source === '/' ? noPrefix : path
}

function createRouteNames (scope: Scope): RouteNames {
  const named = new Map<string, string>()
  const counts = new Map<string, number>()
  return {
    claim (name, derived, pointer) {
      if (name === undefined) {
        const count = (counts.get(derived) ?? 0) + 1
        counts.set(derived, count)
        return count === 1 ? derived : `${derived}#${count}`
      }
      const first = named.get(name)
      if (first === undefined) named.set(name, pointer)
      else {
        scope.findings.push(report('id/duplicate', `two routes are named '${name}'`, {
          subject: `route:${name}`, place: scope.place(`${pointer}/name`), related: [{ message: 'the first one', place: scope.place(`${first}/name`) }]
        }))
      }
      return name
    }
  }
}
