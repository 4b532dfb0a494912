import { recordPlace } from './builders/place.ts'
import type { PolicyCommon, PolicyDefinition, Target } from './policy.ts'

/** One policy with its options, as it stands in the `policies` of a listener, group, route or upstream. Made by a policy builder only. */
export interface PolicyNode<Name extends string = string, Targets extends Target = Target> {
  readonly kind: 'policy'
  readonly name: Name
  /** Where the policy may stand. */
  readonly on: Readonly<Record<Targets, true>>
  /** As written, with the common options. */
  readonly options: Readonly<Record<string, unknown>>
}

/** A policy that may stand on a `Site`. */
export interface PolicyFor<Site extends Target> {
  readonly kind: 'policy'
  readonly name: string
  readonly on: Readonly<Record<Site, true>>
  readonly options: Readonly<Record<string, unknown>>
}

/** What a user calls: `rateLimit({ limit: 100, window: '1m' })`. Options may be left out when none is required. */
export interface PolicyBuilder<Options extends object, Name extends string = string, Targets extends Target = Target> {
  (...options: {} extends Options ? [options?: Options & PolicyCommon] : [options: Options & PolicyCommon]): PolicyNode<Name, Targets>
  readonly definition: PolicyDefinition<Options, Name, Targets>
}

/** Derives the builder of a policy from its definition. */
export function policyBuilder<Options extends object, Name extends string, Targets extends Target> (
  definition: PolicyDefinition<Options, Name, Targets>
): PolicyBuilder<Options, Name, Targets> {
  const on = Object.freeze(Object.fromEntries(definition.targets.map((target) => [target, true]))) as Readonly<Record<Targets, true>>
  const build = (options?: object): PolicyNode<Name, Targets> =>
    recordPlace(Object.freeze({ kind: 'policy', name: definition.name, on, options: Object.freeze({ ...options }) }), build)
  return Object.freeze(Object.assign(build, { definition }))
}
