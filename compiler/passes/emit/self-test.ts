import type { Analysis, Witness } from '../../../schema/automaton/analysis.ts'
import type { Bundle } from '../../../schema/bundle.ts'
import { invariant } from '../../../schema/invariant.ts'
import type { Resolved } from '../../../schema/resolved.ts'

const most = 256

/** A request for each route, or for an even selection of them when there are many; a runtime runs these before it publishes a bundle. */
export function selfTest (resolved: Resolved, analysis: Analysis): Bundle['witnesses'] {
  const { routes } = resolved
  const count = Math.min(routes.length, most)
  return Array.from({ length: count }, (_, index) => Math.floor(index * routes.length / count)).flatMap((index) => {
    const witness = analysis.witnessFor(index)
    return witness === undefined ? [] : [{ request: named(resolved, witness), route: routes[index]!.id }]
  })
}

function named ({ listeners }: Resolved, witness: Witness): Bundle['witnesses'][number]['request'] {
  const listener = listeners[witness.listener]
  invariant(listener !== undefined, `a witness names listener ${witness.listener}`)
  return { ...witness, listener: listener.name }
}
