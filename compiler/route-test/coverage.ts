import type { Analysis } from '../../schema/automaton/analysis.ts'
import type { WitnessRequest } from '../../schema/diagnostic.ts'
import type { Resolved } from '../../schema/resolved.ts'
import type { ExplainedRequest } from '../explain/request.ts'
import { namedWitness } from '../rules/witness.ts'

/** Which classes of requests some request is in. */
export interface Coverage {
  readonly covered: number
  readonly total: number
  /** One request of each class without any; `route`: who takes it, or null. */
  readonly uncovered: readonly { readonly request: WitnessRequest, readonly route: string | null }[]
}

/** Classes, not routes: a route has one class for each way in which requests get to it. */
export function classCoverage (requests: readonly ExplainedRequest[], resolved: Resolved, analysis: Analysis): Coverage {
  const hit = new Set(requests.map((request) => analysis.classOf(request.listener, request.host, request.method, request.path, request)))
  const all = [...analysis.classes()]
  const uncovered = all.filter(({ key }) => !hit.has(key))
  return {
    covered: all.length - uncovered.length,
    total: all.length,
    uncovered: uncovered.map(({ winner, witness }) => ({ request: namedWitness(resolved, witness), route: resolved.routes[winner]?.id ?? null }))
  }
}
