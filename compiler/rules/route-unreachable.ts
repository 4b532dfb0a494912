import { requestText } from '../render/request-text.ts'
import { routeAt } from './route-at.ts'
import type { Rule } from './rule.ts'
import { namedWitness } from './witness.ts'

/** A route that wins no request at all, with all the routes that win its requests. */
export const routeUnreachable: Rule = {
  code: 'route/unreachable',
  severity: 'error',
  summary: 'Other routes win every request that this route matches.',
  docs: `Every request that the route matches is won by a more specific route, or by several that cover it together. The finding names
all of them, each with a request that it takes. The claim is exact: it is computed from the route automaton, not sampled.

Delete the route if it is a leftover. Otherwise change what hides it: make this route more specific, or the others narrower.
When several routes cover it together, removing one of them makes it reachable only for that one's requests.`,
  check: ({ resolved, analysis, place }) => {
    const identical = new Set(analysis.duplicates().map(({ route }) => route))
    return analysis.unreachable().filter(({ route }) => !identical.has(route)).map(({ route, blockers }) => {
      const hidden = routeAt(resolved, route)
      const related = blockers.map((blocker) => {
        const winner = routeAt(resolved, blocker.route)
        return { message: `'${winner.id}' takes ${requestText(blocker.witness)}`, place: place(winner.pointer, ['match']) }
      })
      const at = { code: 'route/unreachable', severity: 'error', subject: `route:${hidden.id}`, place: place(hidden.pointer, ['match']) } as const
      const [first] = blockers
      if (first === undefined) {
        return { ...at, message: `no request at all can match route '${hidden.id}'`, help: 'Its host, path or conditions contradict themselves: mend them, or delete the route.' }
      }
      return {
        ...at,
        message: `route '${hidden.id}' can never match`,
        related,
        ...(blockers.length > 1 && { notes: [`${blockers.length} routes together cover it`] }),
        witness: { request: namedWitness(resolved, first.witness), outcome: `'${routeAt(resolved, first.route).id}'` },
        help: 'Delete the route, or add a method or condition that the others have not.'
      }
    })
  }
}
