import { createMatcher, type Matcher } from '../../schema/automaton/match.ts'
import type { Automaton } from '../../schema/automaton/automaton.ts'
import { invariant } from '../../schema/invariant.ts'
import { compareForMethod } from '../../schema/precedence.ts'
import type { Resolved, ResolvedPolicy, ResolvedRoute, ResolvedUpstream } from '../../schema/resolved.ts'
import type { Chains } from '../passes/chains.ts'
import { candidates, type Candidate } from './candidates.ts'
import type { ExplainedRequest } from './request.ts'

/** What the gateway would do with a request, and why. */
export interface Explanation {
  readonly request: ExplainedRequest
  readonly listener: string
  readonly outcome:
    | { readonly kind: 'route', readonly route: ResolvedRoute, readonly params: Readonly<Record<string, string>>, readonly upstream: ResolvedUpstream, readonly forwarded: Forwarded }
    | { readonly kind: 'method-not-allowed', readonly allow: readonly string[] }
    | { readonly kind: 'no-route' }
  /** The other routes, the most interesting first. */
  readonly losers: readonly Candidate[]
  /** In the order in which they run; those of the listener run for unmatched requests too. */
  readonly policies: readonly ResolvedPolicy[]
}

/** What the upstream would be asked for. */
export interface Forwarded {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** `Host`, or undefined: that of the target which is in turn. */
  readonly host: string | undefined
}

/** Explains a request with the matcher that the runtime uses, and holds its answer against the rules of precedence. */
export function explain (resolved: Resolved, automaton: Automaton, chains: Chains, request: ExplainedRequest): Explanation {
  const matcher = createMatcher(automaton)
  const index = matcher.matchString(request.listener, request.host, request.method, request.path, request)
  const listener = resolved.listeners[request.listener]
  const winner = index < 0 ? undefined : resolved.routes[index]
  invariant(listener !== undefined && (index < 0 || winner !== undefined), `the matcher answers ${index}`)
  const outcome = winner === undefined
    ? index === -2
      ? { kind: 'method-not-allowed' as const, allow: matcher.allowedMethods(request.listener, request.host, request.path, request) }
      : { kind: 'no-route' as const }
    : matched(winner, resolved, request, matcher)
  const judged = candidates(resolved, request, winner)
  for (const { matches, route } of judged) {
    invariant(matches || route !== winner, `the matcher says that ${route.id} matches`)
    invariant(!matches || (winner !== undefined && compareForMethod(winner.match, route.match, request.method) <= 0), `the matcher prefers ${winner?.id ?? 'nothing'} to ${route.id}`)
  }
  const chain = (which: number | undefined): ResolvedPolicy[] => which === undefined ? [] : chains.chains[which]!.map((policy) => chains.policies[policy]!)
  return {
    request,
    listener: listener.name,
    outcome,
    losers: judged.filter(({ route }) => route !== winner),
    policies: [...chain(chains.listeners[request.listener]), ...chain(winner === undefined ? undefined : chains.routes[index])]
  }
}

function matched (route: ResolvedRoute, resolved: Resolved, request: ExplainedRequest, { segments }: Matcher): Extract<Explanation['outcome'], { kind: 'route' }> {
  const params: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [at, segment] of route.match.path.segments.entries()) {
    if (segment.kind === 'static') continue
    const start = segments[2 * at]!
    const end = segment.kind === 'rest' ? request.path.length : segments[2 * at + 1]!
    params[segment.name] = segment.kind === 'constrained'
      ? request.path.slice(start + segment.prefix.length, end - segment.suffix.length)
      : request.path.slice(start, end)
  }
  const upstream = resolved.upstreams[route.action.upstream]
  invariant(upstream !== undefined, `route ${route.id} has no upstream`)
  const path = route.action.rewrite === null
    ? request.path
    : route.action.rewrite.map((part) => 'text' in part ? part.text : params[part.param] ?? '').join('')
  const [only, ...more] = upstream.targets
  const target = only === undefined || more.length > 0 ? undefined : `${only.host}${only.port === (only.scheme === 'https' ? 443 : 80) ? '' : `:${only.port}`}`
  return {
    kind: 'route',
    route,
    params,
    upstream,
    forwarded: {
      method: request.method,
      target: request.search === '' ? path : `${path}?${request.search}`,
      host: upstream.hostHeader === 'client' ? request.hostField : target
    }
  }
}
