import { printHost } from '../../../schema/host.ts'
import type { HostPattern } from '../../../schema/host.ts'
import { milliseconds } from '../../../schema/duration.ts'
import type { RouteDocument } from '../../../schema/generated/gateway.ts'
import { isPathError, parsePath, pathParams } from '../../../schema/path.ts'
import type { PathError, PathPattern } from '../../../schema/path.ts'
import type { FieldCondition, ResolvedPolicy, ResolvedRoute } from '../../../schema/resolved.ts'
import { literal } from '../source-literal.ts'
import { printCondition, resolveConditions } from './conditions.ts'
import { resolveHosts } from './hosts.ts'
import { parseMatch } from './match.ts'
import type { PolicyResolver } from './policies.ts'
import { resolveListeners, resolveReference } from './references.ts'
import { resolveRewrite } from './rewrite.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

/** What a route has from the groups around it. */
export interface Inherited {
  readonly hosts: readonly HostPattern[]
  /** Static, without a slash at its end. */
  readonly prefix: PathPattern
  /** Undefined: all. */
  readonly listeners: readonly number[] | undefined
  readonly policies: readonly ResolvedPolicy[]
  readonly owner: string | undefined
  readonly public: boolean
}

/** Gives routes ids that are theirs alone; one for a whole run. */
export interface RouteNames {
  /** Reports a second route of one name. */
  claim (name: string | undefined, derived: string, pointer: string): string
}

/** Resolves one route; undefined when its match cannot be read. */
export function resolveRoute (
  scope: Scope, policies: PolicyResolver, names: RouteNames, document: RouteDocument, inherited: Inherited, pointer: string
): ResolvedRoute | undefined {
  const match = parseMatch(document.match)
  const path = 'message' in match ? match : withPrefix(inherited.prefix, match.path)
  const hosts = document.host === undefined ? inherited.hosts : resolveHosts(scope, document.host, pointer)
  const listeners = document.listeners === undefined ? inherited.listeners : resolveListeners(scope, document.listeners, pointer)
  const conditions = resolveConditions(scope, document.when, pointer)
  const upstream = resolveReference(scope, 'upstream', document.to, `${pointer}/to`)
  if ('message' in match || isPathError(path)) {
    reportMatch(scope, document.match, 'message' in match ? match : path as PathError, 'message' in match ? 0 : match.at, pointer)
    return undefined
  }
  const id = names.claim(document.name, derivedName(match.methods, hosts, path, conditions, listeners?.map((index) => [...scope.listeners.keys()][index]!)), pointer)
  const own = policies.resolve(document.policies, pointer, `route:${id}`, 'route')
  return {
    id,
    match: {
      listeners: listeners ?? [...scope.listeners.values()], hosts, methods: match.methods, path, conditions, priority: document.priority ?? 0
    },
    action: {
      kind: 'forward',
      upstream: upstream ?? -1,
      rewrite: document.rewrite === undefined ? null : resolveRewrite(scope, document.rewrite, pathParams(path), pointer),
      timeout: document.timeout === undefined ? null : milliseconds(document.timeout)
    },
    policies: [...inherited.policies, ...own],
    public: document.public ?? inherited.public,
    owner: document.owner ?? inherited.owner ?? scope.config.document.upstreams?.[document.to]?.owner ?? null,
    pointer
  }
}

/** Parses the path alone, so that offsets are those of the user's text, and puts the prefix in front. */
function withPrefix (prefix: PathPattern, path: string): PathPattern | PathError {
  const own = parsePath(path)
  return isPathError(own) ? own : { source: `${prefix.source}${own.source}`, segments: [...prefix.segments, ...own.segments] }
}

function derivedName (methods: readonly string[], hosts: readonly HostPattern[], path: PathPattern, conditions: readonly FieldCondition[], listeners: readonly string[] | undefined): string {
  const conditional = conditions.length === 0 ? '' : ` [${conditions.map(printCondition).join(', ')}]`
  const restricted = listeners === undefined ? '' : ` on ${listeners.join(', ')}`
  return `${methods.length === 0 ? '' : `${methods.join('|')} `}${hosts.map(printHost).join('|')}${path.source}${conditional}${restricted}`
}

/** Says what is wrong in the match of the node at `pointer`. */
export function reportMatch (scope: Scope, text: string, error: PathError, offset: number, pointer: string): void {
  const place = scope.place(`${pointer}/match`)
  const code = /too large/.test(error.message) ? 'regex/too-large' : error.message.startsWith('in the regular expression') ? 'regex/not-linear' : 'path/invalid-pattern'
  const meant = error.suggestion === undefined ? undefined : `${text.slice(0, offset)}${error.suggestion}`
  scope.findings.push(report(code, error.message, {
    place: { ...place, part: offset + error.at },
    ...(meant === undefined ? {} : {
      help: `Did you mean '${meant}'?`,
      fix: { title: `write '${meant}'`, applicability: 'maybe-incorrect', edits: [{ kind: 'replace-value', place, text: literal(place.origin.file, meant) }] }
    })
  }))
}
