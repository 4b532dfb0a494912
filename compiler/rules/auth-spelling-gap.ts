import { fieldsOf } from '../../schema/automaton/witness-fields.ts'
import type { PathPattern } from '../../schema/path.ts'
import { requestText } from '../render/request-text.ts'
import { isGuarded } from './guarded.ts'
import { routeAt } from './route-at.ts'
import type { Rule } from './rule.ts'
import { namedWitness } from './witness.ts'

/** A path that many servers read like one with authentication, and that reaches the same upstream without. */
export const authSpellingGap: Rule = {
  code: 'auth/spelling-gap',
  severity: 'warning',
  summary: 'The same path with another case or with a slash at the end reaches the same upstream without authentication.',
  docs: `To the gateway \`/admin\`, \`/Admin\` and \`/admin/\` are three paths. Many servers (Express and IIS by default) read them as one. So where a wider route
without authentication takes the other spellings to the same upstream, they get in without a key.

Give the wider route the policy too, send it to another upstream, or give a route of its own to what may be asked for without a key. Where the
upstream tells the spellings apart, say so: \`// gwc-disable-next-line auth/spelling-gap -- the upstream is case-sensitive\`.`,
  check: ({ resolved, analysis, place }) => [...resolved.routes.keys()].flatMap((index) => {
    const witness = isGuarded(resolved, index, 'authentication') ? analysis.witnessFor(index) : undefined
    if (witness === undefined) return []
    const route = routeAt(resolved, index)
    for (const path of spellings(witness.path, route.match.path)) {
      const winner = analysis.winnerOf(witness.listener, witness.host, witness.method, path, fieldsOf(witness))
      if (winner < 0 || winner === index || isGuarded(resolved, winner, 'authentication') || routeAt(resolved, winner).action.upstream !== route.action.upstream) continue
      const other = routeAt(resolved, winner)
      const request = { ...witness, path }
      return [{
        code: 'auth/spelling-gap',
        severity: 'warning',
        subject: `route:${route.id}`,
        message: `'${route.id}' authenticates, but ${path} reaches the same upstream by '${other.id}' without`,
        place: place(route.pointer, ['match']),
        related: [{ message: 'this route takes the other spelling', place: place(other.pointer, ['match']) }],
        witness: { request: namedWitness(resolved, request), outcome: `'${other.id}', without authentication` },
        help: `Add the authentication to '${other.id}', or note why ${requestText(request)} may pass without.`
      }]
    }
    return []
  })
}

/** The path with and without a slash at its end, and with its fixed parts in capitals. */
function spellings (path: string, { segments }: PathPattern): readonly string[] {
  const capitals = path.split('/').map((part, index) => (segments[index - 1]?.kind === 'static' ? part.toUpperCase() : part)).join('/')
  const slash = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  return [slash, capitals].filter((spelling) => spelling !== path && spelling !== '')
}
