import { HostWitnesses } from '../../schema/automaton/host-witness.ts'
import type { Resolved, RouteMatch } from '../../schema/resolved.ts'
import { walkClasses } from './class-walk.ts'
import type { Walk } from './class-walk.ts'
import { hostClasses } from './host-classes.ts'

/** All requests of one gateway, told apart also where probes are: those are the second gateway of the walk, and its routes are numbered from `boundary`. */
export interface ProbedWalk extends Walk {
  readonly boundary: number
  readonly hosts: HostWitnesses
}

/** Walks the classes of a gateway together with matches that are asked about. */
export function walkWithProbes ({ routes, listeners }: Resolved, probes: readonly RouteMatch[]): ProbedWalk {
  const matches = routes.map(({ match }) => match)
  const classes = hostClasses({ matches }, { matches: probes }, listeners.map(({ name }, index) => ({ name, before: index, after: index })))
  return {
    ...walkClasses([...matches, ...probes], matches.length, classes),
    boundary: matches.length,
    hosts: new HostWitnesses(classes.map(({ places }) => ({ routes: [], places })), listeners.length)
  }
}
