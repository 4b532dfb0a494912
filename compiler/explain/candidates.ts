import { printHost } from '../../schema/host.ts'
import { compareForMethod, explainOrder, takesMethod } from '../../schema/precedence.ts'
import type { FieldCondition, Resolved, ResolvedRoute } from '../../schema/resolved.ts'
import { conditionText, methodsText } from '../render/match-text.ts'
import { hostTier, inTier } from './host-tier.ts'
import { createJudge } from './judge.ts'
import { pathMismatch } from './path-mismatch.ts'
import type { ExplainedRequest } from './request.ts'

/** A route, held against a request. */
export interface Candidate {
  readonly route: ResolvedRoute
  readonly matches: boolean
  /** Why it does not take the request: what does not fit, or why the winner goes first. */
  readonly reason: string
  /** How far from winning: 0 it matches, up to 1 one thing is wrong, more: little in common. */
  readonly distance: number
}

/** All routes judged one by one, without the automaton of all of them, the nearest first. */
export function candidates (resolved: Resolved, request: ExplainedRequest, winner: ResolvedRoute | undefined): Candidate[] {
  const judge = createJudge()
  const tier = hostTier(resolved.routes, request.listener, request.host)
  return resolved.routes
    .map((route): Candidate => {
      const faults = faultsOf(route)
      if (faults.length === 0) return { route, matches: true, reason: winner === undefined ? '' : explainOrder(winner.match, route.match), distance: 0 }
      return { route, matches: false, reason: faults.map(({ reason }) => reason).join('; '), distance: faults.reduce((sum, { weight }) => sum + weight, 0) }
    })
    .sort((a, b) => a.distance - b.distance || compareForMethod(a.route.match, b.route.match, request.method) || (a.route.id < b.route.id ? -1 : 1))

  function faultsOf (route: ResolvedRoute): { reason: string, weight: number }[] {
    const { match } = route
    const faults: { reason: string, weight: number }[] = []
    if (!match.listeners.includes(request.listener)) faults.push({ reason: `listener ${resolved.listeners[request.listener]!.name} does not serve it`, weight: 0.8 })
    if (!inTier(route, tier)) faults.push({ reason: hostReason(route), weight: 0.9 })
    const path = pathMismatch(match.path, request.path, judge.fits)
    if (path !== undefined) faults.push({ reason: path.reason, weight: path.distance })
    if (!takesMethod(match, request.method)) faults.push({ reason: `it takes ${methodsText(match)}`, weight: 0.5 })
    for (const condition of match.conditions) {
      const value = valueOf(condition)
      if (!judge.holds(condition, value)) faults.push({ reason: `it wants ${conditionText(condition)}${value === undefined ? '' : `, the request has ${value}`}`, weight: 0.3 })
    }
    return faults
  }

  function hostReason ({ match }: ResolvedRoute): string {
    const shown = request.host === '' ? 'the request names no host' : `host is ${request.host}`
    if (match.hosts.length > 0 && !match.hosts.some(({ wildcard, name }) => wildcard ? request.host.endsWith(`.${name}`) : request.host === name)) return `${shown}, the route wants ${match.hosts.map(printHost).join(' or ')}`
    return `other routes name ${tier === undefined ? 'this host' : printHost(tier)}, and hosts do not fall through`
  }

  function valueOf ({ kind, name }: FieldCondition): string | undefined {
    return kind === 'header' ? request.header(name) : kind === 'query' ? request.query(name) : request.cookie(name)
  }
}
