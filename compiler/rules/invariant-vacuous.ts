import type { Rule } from './rule.ts'

/** A promise about requests that no route takes. */
export const invariantVacuous: Rule = {
  code: 'invariant/vacuous',
  severity: 'warning',
  summary: 'No route takes any request that an invariant speaks of.',
  docs: `The invariant holds because there is nothing that could break it: no route takes a request that matches. Mostly its path or host is misspelt, or the routes have
moved. It would go on holding when they come back under another name, without any protection.

Mend the match of the invariant. Where no route is meant to take such requests, say that: \`unreachable: true\`.`,
  check: ({ resolved, place, walkOf }) => resolved.invariants.flatMap((invariant) => {
    if (invariant.unreachable) return []
    const walk = walkOf(invariant)
    const undecided = walk.unknown.length > 0 || walk.cells.some(({ classes }) => classes === undefined)
    return undecided || walk.cells.some(({ classes = [] }) => classes.some(({ before, after }) => after === walk.boundary && before >= 0)) ? [] : [{
      code: 'invariant/vacuous',
      severity: 'warning',
      subject: `invariant:${invariant.name}`,
      message: `'${invariant.name}' says nothing: no route takes such a request`,
      place: place(invariant.pointer, ['match']),
      help: 'Mend the match, or say `unreachable: true` where no route is meant to.'
    }]
  })
}
