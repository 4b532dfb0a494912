import type { Analysis } from '../../schema/automaton/analysis.ts'
import type { Automaton } from '../../schema/automaton/automaton.ts'
import { buildAutomaton } from '../../schema/automaton/build.ts'
import type { Config } from '../../schema/document.ts'
import type { Resolved } from '../../schema/resolved.ts'
import { problems } from './automaton-problems.ts'
import { outcome } from './pass.ts'
import type { Outcome } from './pass.ts'
import { placeAt } from './place-at.ts'
import { reporter } from './reporter.ts'

/** The routes as one automaton, and what its construction knows about them. */
export interface RouteAutomaton {
  readonly automaton: Automaton
  readonly analysis: Analysis
}

const report = reporter(problems)
const mostNamed = 10

/** Compiles the matches of all routes into one automaton. */
export function buildRoutes (config: Config, { routes, listeners }: Resolved): Outcome<RouteAutomaton> {
  const built = buildAutomaton(routes.map(({ match }) => match), listeners.length)
  if (built.overflow === undefined) return outcome({ automaton: built.automaton, analysis: built.analysis }, [])
  const [first, ...others] = built.overflow.routes.map((index) => routes[index]!)
  const place = placeAt(config, first?.pointer ?? '', first === undefined ? [] : ['match'])
  const related = others.slice(0, mostNamed).map((route) => ({ message: `'${route.id}' overlaps it`, place: placeAt(config, route.pointer, ['match']) }))
  return { output: undefined, diagnostics: [report('route/too-many-states', built.overflow.message, { place, ...(related.length === 0 ? {} : { related }) })] }
}
