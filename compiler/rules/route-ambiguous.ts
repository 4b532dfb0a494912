import { routeAt } from './route-at.ts'
import type { Rule } from './rule.ts'
import { namedWitness } from './witness.ts'

/** Two routes of equal precedence that some request can tell no apart. */
export const routeAmbiguous: Rule = {
  code: 'route/ambiguous',
  severity: 'error',
  summary: 'Two routes of equal precedence both match some request.',
  docs: `The more specific route wins: by host, path, method, then conditions. These two are equally specific, and the request
shown matches both, so nothing but their order in the file could decide, and order never matters.

Give the one that shall win a higher \`priority\`, or add a condition to it that the other has not. If the two shall never
meet, narrow one: a constrained parameter (\`:id(\\\\d+)\`), a method, a host.`,
  check: ({ resolved, analysis, place }) => {
    // A duplicate ties with all that its twin ties with; the duplicate itself is told by its own rule.
    const twins = new Set(analysis.duplicates().map(({ route }) => route))
    return analysis.ties().filter(({ routes: [a, b] }) => !twins.has(a) && !twins.has(b)).map(({ routes, witness }) => {
      const [first, second] = [routeAt(resolved, Math.min(...routes)), routeAt(resolved, Math.max(...routes))]
      const request = namedWitness(resolved, witness)
      return {
        code: 'route/ambiguous',
        severity: 'error',
        subject: `route:${first.id}|route:${second.id}`,
        message: `routes '${first.id}' and '${second.id}' are equally specific, and some requests match both`,
        place: place(second.pointer, ['match']),
        related: [{ message: `'${first.id}'`, place: place(first.pointer, ['match']) }],
        witness: { request, outcome: `'${first.id}' or '${second.id}'` },
        help: 'Give the one that shall win a higher `priority`, or a condition that the other has not.'
      }
    })
  }
}
