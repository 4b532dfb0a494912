import { routeAt } from './route-at.ts'
import type { Rule } from './rule.ts'

/** Two routes with one and the same match: listeners, hosts, methods, path, conditions and priority. */
export const routeDuplicate: Rule = {
  code: 'route/duplicate',
  severity: 'error',
  summary: 'Two routes match exactly the same requests with the same precedence.',
  docs: `Two routes have the same listeners, hosts, methods, path, conditions and priority. Nothing but their order in the
file could decide between them, and order never matters: one of them would be dead.

Delete one, or tell them apart by a condition (\`when: { headers: … }\`), another host, or other methods.
To send a share of the requests elsewhere, give one upstream several targets with a \`weight\`.`,
  check: ({ resolved, analysis, place }) => analysis.duplicates().map(({ route, of }) => {
    const [later, first] = [routeAt(resolved, route), routeAt(resolved, of)]
    return {
      code: 'route/duplicate',
      severity: 'error',
      subject: `route:${later.id}`,
      message: `route '${later.id}' has the same match as route '${first.id}'`,
      place: place(later.pointer, ['match']),
      related: [{ message: `'${first.id}' matches the same requests`, place: place(first.pointer, ['match']) }],
      help: 'Delete one of them, or add a condition that tells them apart.'
    }
  })
}
