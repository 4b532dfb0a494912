import type { Diagnostic } from '../../schema/diagnostic.ts'
import type { Resolved, ResolvedInvariant } from '../../schema/resolved.ts'
import { witnessRequest } from '../plan/witness-request.ts'
import { enforcedOn, guardOf } from './guarded.ts'
import { routeAt } from './route-at.ts'
import type { Rule, RuleContext } from './rule.ts'

/** A request for which an invariant does not hold. */
export const invariantViolated: Rule = {
  code: 'invariant/violated',
  severity: 'error',
  summary: 'An invariant of the config does not hold for some request.',
  docs: `The config says with \`invariant(…)\` what holds for all requests that match, and some route takes a request for which it does not. All
classes of requests were looked at: the finding shows one request of each route that breaks it.

Mend the route, or, when what was promised is no longer meant, the invariant.`,
  check: (context) => context.resolved.invariants.flatMap((invariant) => checkInvariant(invariant, context))
}

function checkInvariant (invariant: ResolvedInvariant, { resolved, place, walkOf }: RuleContext): readonly Diagnostic[] {
  const at = { code: 'invariant/violated', severity: 'error', subject: `invariant:${invariant.name}`, place: place(invariant.pointer, ['match']) } as const
  const walk = walkOf(invariant)
  const found = new Map<number, Diagnostic>()
  for (const cell of walk.cells) {
    for (const one of cell.classes ?? []) {
      if (one.after !== walk.boundary || one.before < 0 || found.has(one.before)) continue
      for (const spot of cell.hosts.places) {
        const broken = resolved.listeners[spot.listener]!.redirect === null ? brokenBy(invariant, resolved, spot.listener, one.before) : undefined
        if (broken === undefined) continue
        const route = routeAt(resolved, one.before)
        found.set(one.before, {
          ...at,
          message: `'${invariant.name}' does not hold: route '${route.id}' ${broken}`,
          related: [{ message: 'this route breaks it', place: place(route.pointer, ['match']) }],
          witness: { request: witnessRequest({ cell, place: spot, class: one }, resolved.listeners[spot.listener]!.name, walk.hosts, walk.unnamed), outcome: `'${route.id}'` },
          help: 'Mend the route, or the invariant where it is no longer meant.'
        })
        break
      }
    }
  }
  const undecided = walk.unknown.length > 0 || walk.cells.some(({ classes }) => classes === undefined)
  return [...found.values(), ...(undecided ? [{ ...at, message: `'${invariant.name}' cannot be checked: the patterns overlap in too many ways` }] : [])]
}

/** What is wrong with a route taking a request of the invariant; undefined: nothing. */
function brokenBy ({ authenticated, policies, upstreams, unreachable }: ResolvedInvariant, resolved: Resolved, listener: number, route: number): string | undefined {
  if (unreachable) return 'takes such requests'
  const enforced = enforcedOn(resolved, listener, route)
  if (authenticated && !enforced.some((policy) => guardOf(policy) === 'authentication')) return 'does not authenticate'
  const missing = policies.find((name) => !enforced.some((policy) => policy.name === name))
  if (missing !== undefined) return `has no policy '${missing}' that is enforced`
  const { upstream } = routeAt(resolved, route).action
  return upstreams === null || upstreams.includes(upstream) ? undefined : `sends them to '${resolved.upstreams[upstream]!.name}'`
}
