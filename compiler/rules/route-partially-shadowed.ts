import { printPath } from '../../schema/path.ts'
import type { PathPattern } from '../../schema/path.ts'
import { routeAt } from './route-at.ts'
import type { Rule } from './rule.ts'
import { namedWitness } from './witness.ts'

/** A route that takes requests out of the middle of somebody else's. */
export const routePartiallyShadowed: Rule = {
  code: 'route/partially-shadowed',
  severity: 'warning',
  summary: 'A route takes requests under a prefix of another owner.',
  docs: `Two routes with different \`owner\`s match the request shown, and the more specific one wins. That is how a team takes a path away from another without either of
them noticing: the loser's route still stands in the config, and part of what it says does not happen.

Only routes with a prefix of their own are looked at: that everybody takes something from \`/*\` is what it is there for.

Let the owner of the prefix declare the route, or note that both know: \`// gwc-disable-next-line route/partially-shadowed -- agreed with orders\`.`,
  check: ({ resolved, analysis, place }) => {
    const told = new Set<number>()
    return analysis.overlaps().flatMap(({ winner, loser, witness }) => {
      const [taken, lost] = [routeAt(resolved, winner), routeAt(resolved, loser)]
      if (told.has(winner) || taken.owner === null || lost.owner === null || taken.owner === lost.owner || !isUnder(taken.match.path, lost.match.path)) return []
      told.add(winner)
      return [{
        code: 'route/partially-shadowed',
        severity: 'warning',
        subject: `route:${taken.id}`,
        message: `'${taken.id}' of ${taken.owner} takes requests from '${lost.id}' of ${lost.owner}`,
        place: place(taken.pointer, ['match']),
        related: [{ message: `${printPath(lost.match.path)} belongs to ${lost.owner}`, place: place(lost.pointer, ['match']) }],
        witness: { request: namedWitness(resolved, witness), outcome: `'${taken.id}'` },
        help: `Let ${lost.owner} declare the route, or note that they know.`
      }]
    })
  }
}

/** Whether a path stands under what is fixed at the start of another, which has something fixed. */
function isUnder ({ segments }: PathPattern, other: PathPattern): boolean {
  const variable = other.segments.findIndex(({ kind }) => kind !== 'static')
  const prefix = variable < 0 ? other.segments : other.segments.slice(0, variable)
  return prefix.length > 0 && prefix.every((segment, index) => {
    const own = segments[index]
    return own !== undefined && own.kind === 'static' && segment.kind === 'static' && own.text === segment.text
  })
}
