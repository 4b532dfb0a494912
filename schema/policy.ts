import type { Problem } from './diagnostic.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { Pointer } from './origin.ts'

export type Target = 'listener' | 'route' | 'upstream'
export type Mode = 'enforce' | 'shadow' | 'off'

/** When a policy's `request` handler runs. Inside a phase, config order: listener, groups, route, upstream. */
export const phases = ['admit', 'transform', 'forward', 'respond', 'finish'] as const
export type Phase = typeof phases[number]

/** What a policy protects; says which kind of weakening it is when a plan finds it looser. `nothing`: no change of it is a weakening. */
export type Guard = 'authentication' | 'authorization' | 'rate' | 'address' | 'origins' | 'content' | 'fields' | 'cache' | 'nothing'

/** How `after` treats requests compared with `before`; `undefined` stands for "policy absent". */
export type Comparison = 'equal' | 'stricter' | 'looser' | 'incomparable'

/** What a policy's own `check` reports; the compiler adds place and severity. */
export interface PolicyFinding {
  readonly code: string
  readonly message: string
  /** Into the policy's options. */
  readonly pointer?: Pointer
  readonly help?: string
}

/** Where a policy stands, for its check. */
export interface PolicySite {
  readonly target: Target
  /** Names of the path parameters of the route; empty elsewhere. */
  readonly params: readonly string[]
}

/** Options that every policy has. */
export interface PolicyCommon {
  /** `enforce` (default), `shadow`: decide, count and log but let the request pass, `off`. */
  readonly mode?: Mode
  /** Name under which the state of this policy survives reloads. Default: derived from where it stands. */
  readonly id?: string
}

/** State of a policy that must be one for all workers. Plain data in and out: with workers, queries travel between processes. */
export interface Ledger {
  /** `now` in monotonic milliseconds. */
  decide (query: unknown, now: number): unknown
}

/** What the runtime passes to a policy. */
export interface PolicyHost {
  /** Stable id of this policy instance. */
  readonly id: string
  readonly clock: Clock
  /** In [0, 1). */
  random (): number
  /** Resolves `secret('NAME')`; call it at each use, for secrets rotate without reload. Throws at prepare time when it is missing. */
  secret (reference: { readonly $secret: string }): string
  /** State that survives reloads as long as the policy's stable id stays. */
  state<T> (create: () => T): T
  /** Asks this policy's ledger (`PolicyDefinition.ledger`). A promise only when the ledger lives in another process. */
  ledger (query: unknown): unknown | Promise<unknown>
  /** Adds to a counter of this policy instance; `gwc status` shows it. */
  count (name: string, by?: number): void
}

export interface Clock {
  /** Monotonic milliseconds. */
  now (): number
  /** Milliseconds since 1970. */
  wall (): number
}

/** A policy made live. Every member is optional; none may throw for what a peer sends. */
export interface PolicyHandler {
  /** Runs in the policy's phase. An answer ends the chain's way to the upstream. */
  request? (exchange: Exchange): Answer | undefined | Promise<Answer | undefined>
  /** Runs before the response head is sent, for upstream answers, own answers and failures alike. */
  response? (exchange: Exchange): void | Promise<void>
  /** Runs once the response has ended, however it ended. */
  finish? (exchange: Exchange): void
  dispose? (): void
}

/** A problem that a policy's check can report, with options that show it. */
export interface PolicyProblem extends Problem {
  readonly fails: unknown
  readonly passes: unknown
}

/** A JSON Schema (draft-07) that carries the type of the options it describes, as the generated `options.ts` of each policy exports it. */
export interface OptionsSchema<Options extends object = object> extends Readonly<Record<string, unknown>> {
  /** Exists in the type only. */
  [described]? (options: Options): void
}
declare const described: unique symbol

/** The contract of a policy: one folder under `policies/`, one line in the registry. */
export interface PolicyDefinition<Options extends object = never, Name extends string = string, Targets extends Target = Target> {
  /** Kebab case; the folder's name and the key in documents. */
  readonly name: Name
  /** Raised when the meaning of options changes; a runtime refuses bundles that need another. */
  readonly version: number
  /** One sentence for lists and hover texts. */
  readonly summary: string
  readonly targets: readonly Targets[]
  readonly phase: Phase
  readonly guards: Guard
  /** JSON Schema (draft-07) of the options, without the common ones. */
  readonly schema: OptionsSchema<Options>
  readonly problems: readonly PolicyProblem[]
  check? (options: Options, site: PolicySite): readonly PolicyFinding[]
  /** Request fields, in lower case, of which the upstream never sees what a client sent. */
  replacedFields? (options: Options): readonly string[]
  /**
   * The options with other names for the path parameters that they name. A parameter's name means nothing to a request, so plans compare
   * options that name segments; a policy that can name parameters has to have this.
   */
  renameParams? (options: Options, nameOf: (param: string) => string): object
  compare (before: Options | undefined, after: Options | undefined): Comparison
  create (options: Options, host: PolicyHost): PolicyHandler
  ledger? (): Ledger
}

/**
 * Freezes a definition. All its types are inferred, so it is called without type arguments: `Options` from `schema` (the constant of the
 * generated `options.ts`), the literal `name` and `targets` from their values; they decide where the editor lets the policy stand.
 */
export function definePolicy<Options extends object, const Name extends string, const Targets extends Target> (
  definition: PolicyDefinition<Options, Name, Targets>
): PolicyDefinition<Options, Name, Targets> {
  return Object.freeze(definition)
}

/** A definition whose options are known only by its schema, as the registry holds it. */
export type AnyPolicy = PolicyDefinition<never>
