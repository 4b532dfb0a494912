import { routeAt } from './route-at.ts'
import type { Rule } from './rule.ts'

/** Fewer are no matter, however few the routes are. */
const fewStates = 10_000
/** Routes that do not overlap take a few each, one for every segment. */
const statesPerRoute = 20

/** Patterns that overlap so much that a few more cannot be told apart. */
export const routeManyStates: Rule = {
  code: 'route/many-states',
  severity: 'info',
  summary: 'The patterns of routes overlap in so many ways that a few more like them could not be told apart.',
  docs: `Patterns with parameters in several places overlap, and each combination that has to be told apart is a state of the automaton. The number can double with each pattern of
that kind; beyond the limit the config is refused (\`route/too-many-states\`).

Make the patterns named less alike: put what is fixed first (\`/users/:id/photo\` rather than \`/:kind/:id/photo\`), constrain parameters so that they exclude each other.`,
  check: ({ resolved, analysis, place }) => {
    const { states, most, routes } = analysis.size()
    const [first, ...others] = states > fewStates && states > statesPerRoute * resolved.routes.length ? routes.map((route) => routeAt(resolved, route)) : []
    return first === undefined ? [] : [{
      code: 'route/many-states',
      severity: 'info',
      message: `telling ${resolved.routes.length} routes apart takes ${states.toLocaleString('en')} states of at most ${most.toLocaleString('en')}, and another pattern like these can double them`,
      place: place(first.pointer, ['match']),
      related: others.slice(0, 3).map(({ id, pointer }) => ({ message: `'${id}' overlaps it`, place: place(pointer, ['match']) })),
      help: 'Put what is fixed first, or constrain parameters so that they exclude each other.'
    }]
  }
}
