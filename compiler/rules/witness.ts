import type { Witness } from '../../schema/automaton/analysis.ts'
import type { WitnessRequest } from '../../schema/diagnostic.ts'
import { invariant } from '../../schema/invariant.ts'
import type { Resolved } from '../../schema/resolved.ts'

/** A witness of the analysis with its listener by name. */
export function namedWitness (resolved: Resolved, witness: Witness): WitnessRequest {
  const listener = resolved.listeners[witness.listener]
  invariant(listener !== undefined, `a witness names listener ${witness.listener}`)
  return { ...witness, listener: listener.name }
}
