import { printPath } from '../../schema/path.ts'
import { requestText } from '../render/request-text.ts'
import { isGuarded } from './guarded.ts'
import { routeAt } from './route-at.ts'
import type { Rule } from './rule.ts'
import { namedWitness } from './witness.ts'

/** A route without authentication that takes requests out of the middle of one with it. */
export const authBypassed: Rule = {
  code: 'auth/bypassed',
  severity: 'warning',
  summary: 'A route without authentication takes requests that a route with authentication would otherwise take.',
  docs: `The more specific route wins, and it asks for no authentication where the wider one does. That is how a public page under a
protected prefix is written, and also how a new route opens a hole in it. The request that the finding shows gets through without a key.

Give the route the policy of the wider one. Where it is meant to be public, say so: \`public: true\`.`,
  check: ({ resolved, analysis, place }) => {
    const told = new Set<number>()
    return analysis.overlaps().flatMap(({ winner, loser, witness }) => {
      if (told.has(winner) || routeAt(resolved, winner).public || isGuarded(resolved, winner, 'authentication') || !isGuarded(resolved, loser, 'authentication')) return []
      told.add(winner)
      const [open, guarded] = [routeAt(resolved, winner), routeAt(resolved, loser)]
      return [{
        code: 'auth/bypassed',
        severity: 'warning',
        subject: `route:${open.id}`,
        message: `requests that '${guarded.id}' would authenticate reach '${open.id}' without`,
        place: place(open.pointer, ['match']),
        related: [{ message: `${printPath(guarded.match.path)} is guarded here`, place: place(guarded.pointer, ['match']) }],
        witness: { request: namedWitness(resolved, witness), outcome: `'${open.id}', without authentication` },
        help: `Add the authentication of '${guarded.id}', or say \`public: true\` where ${requestText(witness)} may pass without.`
      }]
    })
  }
}
