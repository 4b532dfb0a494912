import type { Matcher } from '../../schema/automaton/match.ts'
import { fieldsOf } from '../../schema/automaton/witness-fields.ts'
import type { WitnessRequest } from '../../schema/diagnostic.ts'
import { invariant } from '../../schema/invariant.ts'
import type { GatewayComparison } from './compare-gateways.ts'
import type { WitnessOutcome } from './plan.ts'
import { matcherOf } from './side.ts'

/** Sends witnesses through the tables of both bundles, with the matcher that the runtime uses. */
export class MatcherTrial {
  readonly #comparison: GatewayComparison
  readonly #matchers: { readonly before: Matcher | undefined, readonly after: Matcher | undefined }

  constructor (comparison: GatewayComparison) {
    this.#comparison = comparison
    this.#matchers = { before: matcherOf(comparison.before), after: matcherOf(comparison.after) }
  }

  /** A claim that the tables do not bear out is a bug of ours, and must not be shown. `listener` is an index into the comparison's pairs. */
  verify (listener: number, request: WitnessRequest, claims: { readonly before: WitnessOutcome, readonly after: WitnessOutcome }): void {
    for (const which of ['before', 'after'] as const) {
      const { outcome, route } = claims[which]
      if (outcome === 'closed' || outcome === 'redirect') continue
      const found = this.#match(which, listener, request)
      const reached = this.#comparison[which].bundle.routes[found]?.id ?? null
      const seen = reached !== null ? 'forward' : found === -2 ? 'method-not-allowed' : 'not-found'
      invariant(seen === outcome && reached === route, `${which}: ${request.method} ${request.host}${request.path} is said to be ${outcome} ${route ?? ''}, and is ${seen} ${reached ?? ''}`)
    }
  }

  #match (which: 'before' | 'after', listener: number, request: WitnessRequest): number {
    const { host, method, path } = request
    const matcher = this.#matchers[which]
    const index = this.#comparison.listeners[listener]![which]
    return matcher === undefined || index < 0 ? -1 : matcher.matchString(index, host, method, path, fieldsOf(request))
  }
}
