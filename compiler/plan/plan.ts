import type { WitnessRequest } from '../../schema/diagnostic.ts'
import type { Origin } from '../../schema/origin.ts'
import type { PlanCode } from './codes.ts'
import type { Difference } from './difference.ts'

/** What a plan compares: where it came from and what it is. */
export interface PlanSide {
  readonly kind: 'git' | 'file' | 'url' | 'empty' | 'worktree'
  /** As the user named it, without credentials. */
  readonly ref: string
  readonly commit: string | null
  readonly dirty: boolean
  /** Null: there is none (`empty`). */
  readonly bundle: string | null
  readonly semantic: string | null
}

/** Requests that a change is about, in the user's own patterns. */
export interface Region {
  /** Empty: every listener. */
  readonly listeners: readonly string[]
  /** `api.example.com`, `*.example.com`, `any host`. */
  readonly hosts: readonly string[]
  /** `GET`, or `any but POST`; empty: any. */
  readonly methods: readonly string[]
  /** Null: what no route takes. */
  readonly path: string | null
  /** All of which hold: conditions on fields (`header x = 1`), and a second pattern (`path /a/:b`) where `path` alone says too much. */
  readonly conditions: readonly string[]
  /** Patterns and conditions that are not part of it. */
  readonly minus: readonly string[]
  readonly before: RegionRoute | null
  readonly after: RegionRoute | null
  /** Why requests of this region are treated otherwise. */
  readonly because: string
  /** Classes of requests in it. */
  readonly classes: number
  /** Null where there is no request of HTTP: connections of tcp listeners, and what is unknown. */
  readonly witness: PlanWitness | null
}

export interface RegionRoute {
  readonly id: string
  readonly at: Origin | null
}

/** A request of a region and what becomes of it. */
export interface PlanWitness {
  readonly request: WitnessRequest
  readonly before: WitnessOutcome
  readonly after: WitnessOutcome
  /** It was sent through both gateways' own matcher, or through both gateways whole, and did as claimed. */
  readonly executed: 'matcher' | 'runtime'
}

export interface WitnessOutcome {
  readonly outcome: 'closed' | 'redirect' | 'not-found' | 'method-not-allowed' | 'forward'
  readonly route: string | null
  readonly upstream: string | null
  /** What a client gets, where it was asked for: 0 when nothing listens. */
  readonly status: number | null
}

export type ChangeKind = 'weakening' | 'breaking' | 'unknown' | 'other'

export interface Change {
  /** `c1`, `c2`; in this plan only. */
  readonly id: string
  readonly kind: ChangeKind
  readonly codes: readonly PlanCode[]
  /** Of region, codes and facets: the same in every plan that has this change. */
  readonly fingerprint: string
  /** Empty with `unknown`. */
  readonly facets: readonly Difference[]
  readonly regions: readonly Region[]
  /** Who answers for the routes that requests of the change took and take, or for the upstream of connections. Absent where nobody is named. */
  readonly owners?: readonly string[]
  /** With `unknown`: why it could not be told. */
  readonly reason: string | null
  readonly approval: Approval
  /** With a traffic profile: requests that the change would have been about. `share`: of all requests of the profile. */
  readonly traffic?: { readonly requests: number, readonly share: number, readonly lastSeen: string | null }
}

export type Approval =
  | { readonly state: 'not-needed' | 'missing' }
  | { readonly state: 'approved' | 'expired', readonly by: string, readonly reason: string, readonly expires: string | null }

/** What happens to state when the head takes over from the base. */
export interface StateForecast {
  readonly carried: readonly string[]
  /** Starts anew although something in its place had state. */
  readonly reset: readonly string[]
  readonly started: readonly string[]
  readonly drained: readonly string[]
}

/** How many things of one kind came, went and changed. `renamed`: the same under another name. */
export interface StructuralCount { readonly added: number, readonly removed: number, readonly edited: number, readonly renamed: number }

/** `mass-change`: most classes of requests are treated otherwise. `route-collapse`: most routes are gone. */
export interface PlanNote { readonly code: 'mass-change' | 'route-collapse', readonly message: string }

/** What `gwc plan` finds. Plain data; `plan.schema.json` describes it. */
export interface Plan {
  readonly formatVersion: '1.1'
  readonly tool: { readonly name: 'gwc', readonly version: string }
  readonly gateway: string
  readonly base: PlanSide
  readonly head: PlanSide
  readonly verdict: 'unchanged' | 'changed' | 'unknown'
  readonly needsApproval: boolean
  readonly summary: {
    readonly weakening: number, readonly breaking: number, readonly other: number, readonly unknown: number
    readonly classes: { readonly total: number, readonly changed: number, readonly provedUnchanged: number, readonly unknown: number }
  }
  /** What is strange about the plan as a whole. Absent where nothing is. */
  readonly notes?: readonly PlanNote[]
  readonly changes: readonly Change[]
  readonly proof: { readonly method: 'trie-product', readonly states: number, readonly cells: number, readonly budgetExceeded: boolean, readonly witnesses: number }
  readonly state: StateForecast
  readonly structural: { readonly routes: StructuralCount, readonly upstreams: StructuralCount, readonly listeners: StructuralCount }
}
