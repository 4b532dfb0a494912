import type { Matcher } from '../schema/automaton/match.ts'
import { fieldsOf } from '../schema/automaton/witness-fields.ts'
import type { BundleRoute } from '../schema/bundle.ts'
import type { DecodedBundle } from './decode.ts'
import { rejection } from './rejection.ts'
import type { Rejection } from './rejection.ts'
import { sliceAt } from './slices.ts'

/**
 * Sends the bundle's witnesses through the matcher that will serve: each must reach the route that the compiler promised. A difference
 * means that this runtime reads the tables otherwise than the compiler that wrote them.
 */
export function selfTest (bundle: DecodedBundle, matcher: Matcher): Rejection | undefined {
  for (const { request, route } of bundle.witnesses) {
    const listener = bundle.listeners.findIndex(({ name }) => name === request.listener)
    const found = matcher.matchString(listener, request.host, request.method, request.path, fieldsOf(request))
    const reached = found < 0 ? null : (sliceAt(bundle.routes, found) as BundleRoute).id
    if (reached !== route) {
      const shown = `${request.method} ${request.host}${request.path}`
      return rejection('self-test', `${shown} reaches ${reached ?? 'no route'}, the bundle promises ${route ?? 'no route'}`)
    }
  }
  return undefined
}
