import type { InvariantDocument } from '../../../schema/generated/gateway.ts'
import { isPathError, parsePath } from '../../../schema/path.ts'
import type { ResolvedInvariant } from '../../../schema/resolved.ts'
import { closest } from '../closest.ts'
import { resolveHosts } from './hosts.ts'
import { parseMatch } from './match.ts'
import { resolveReference } from './references.ts'
import { reportMatch } from './route.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

/** Resolves one invariant; undefined when its match cannot be read. */
export function resolveInvariant (scope: Scope, document: InvariantDocument, pointer: string): ResolvedInvariant | undefined {
  const { name, policies = [], upstreams, authenticated = false, unreachable = false } = document
  const match = parseMatch(document.match)
  const path = 'message' in match ? match : parsePath(match.path)
  const hosts = document.host === undefined ? [] : resolveHosts(scope, document.host, pointer)
  for (const [index, policy] of policies.entries()) {
    if (scope.registry.has(policy)) continue
    const meant = closest(policy, scope.registry.keys())
    scope.findings.push(report('ref/not-found', `there is no policy '${policy}'`, { place: scope.place(`${pointer}/policies/${index}`), ...(meant === undefined ? {} : { help: `Did you mean '${meant}'?` }) }))
  }
  const only = upstreams?.map((upstream, index) => resolveReference(scope, 'upstream', upstream, `${pointer}/upstreams/${index}`)).filter((index) => index !== undefined)
  if ('message' in match || isPathError(path)) {
    reportMatch(scope, document.match, 'message' in match ? match : path as Extract<typeof path, { message: string }>, 'message' in match ? 0 : match.at, pointer)
    return undefined
  }
  return {
    name, authenticated, policies, upstreams: only ?? null, unreachable, pointer,
    match: { listeners: [...scope.listeners.values()], hosts, methods: match.methods, path, conditions: [], priority: 0 }
  }
}
