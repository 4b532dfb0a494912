import type { Problem } from '../../schema/diagnostic.ts'

/** What can go wrong when routes are compiled into one automaton. */
export const problems = [
  {
    code: 'route/too-many-states',
    severity: 'error',
    summary: 'The routes need a larger automaton than is allowed.',
    docs: 'Matching takes the same time whatever the routes, because all of them are one automaton. Many constrained parameters that overlap at the same place multiply its states. The message names the routes that do: make their expressions disjoint, or let the service decide.'
  }
] as const satisfies readonly Problem[]
