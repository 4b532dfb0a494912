import { fieldsOf } from '../../schema/automaton/witness-fields.ts'
import { requestText } from '../render/request-text.ts'
import { routeAt } from './route-at.ts'
import type { Rule } from './rule.ts'
import { namedWitness } from './witness.ts'

/** A path with and without a slash at its end goes to two places. */
export const pathTrailingSlashGap: Rule = {
  code: 'path/trailing-slash-gap',
  severity: 'info',
  profile: 'strict',
  summary: 'A path with a slash at its end reaches another upstream than the same path without.',
  docs: `\`/orders\` and \`/orders/\` are two paths. Here a wider route takes one of them to another upstream: whoever types the slash gets an answer of a service that knows
nothing of orders, rather than a 404.

Give the other spelling a route: to the same upstream, or to one that redirects. Where both are meant as they are, say so in a comment.`,
  check: ({ resolved, analysis, place }) => [...resolved.routes.keys()].flatMap((index) => {
    const witness = analysis.witnessFor(index)
    if (witness === undefined || witness.path === '/') return []
    const path = witness.path.endsWith('/') ? witness.path.slice(0, -1) : `${witness.path}/`
    const winner = analysis.winnerOf(witness.listener, witness.host, witness.method, path, fieldsOf(witness))
    const route = routeAt(resolved, index)
    if (winner < 0 || routeAt(resolved, winner).action.upstream === route.action.upstream) return []
    const other = routeAt(resolved, winner)
    const request = { ...witness, path }
    return [{
      code: 'path/trailing-slash-gap',
      severity: 'info',
      subject: `route:${route.id}`,
      message: `${requestText(request)} does not reach '${route.id}' but '${other.id}'`,
      place: place(route.pointer, ['match']),
      related: [{ message: 'this route takes it', place: place(other.pointer, ['match']) }],
      witness: { request: namedWitness(resolved, request), outcome: `'${other.id}'` },
      help: 'Give the other spelling a route to the same upstream.'
    }]
  })
}
