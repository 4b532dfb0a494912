import type { Analysis } from '../schema/automaton/analysis.ts'
import type { WitnessRequest } from '../schema/diagnostic.ts'
import type { Resolved } from '../schema/resolved.ts'
import { namedWitness } from './rules/witness.ts'

/** One request for each class of requests that the config tells apart. */
export function witnesses (resolved: Resolved, analysis: Analysis): readonly WitnessRequest[] {
  return [...analysis.classes()].map(({ witness }) => namedWitness(resolved, witness))
}
