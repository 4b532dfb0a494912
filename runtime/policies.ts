import type { BundlePolicy } from '../schema/bundle.ts'
import { invariant } from '../schema/invariant.ts'
import type { AnyPolicy, Ledger, PolicyDefinition, PolicyHost } from '../schema/policy.ts'
import type { LivePolicy } from './chain.ts'
import type { DecodedBundle } from './decode.ts'
import type { Pause } from './pause.ts'
import type { PrepareContext } from './prepare.ts'
import { sliceAt } from './slices.ts'
import type { Held, Lease } from './state.ts'

/** Names a ledger: state of a policy that is one for all workers. */
export interface LedgerKey {
  readonly id: string
  readonly name: string
  readonly version: number
}

/** Asks a ledger that lives in another process. */
export type AskLedger = (key: LedgerKey, query: unknown) => Promise<unknown>

/** What policies have counted, by their id. Those that never counted have made nothing. */
export type Counters = ReadonlyMap<string, Held<Map<string, number>>>

/** Creates every policy of a bundle into `live`, in order, and returns their counters. Throws what a policy's `create` throws, with the policy's id. */
export async function createPolicies (bundle: DecodedBundle, context: PrepareContext, lease: Lease, pause: Pause, live: LivePolicy[]): Promise<Counters> {
  const counters = new Map<string, Held<Map<string, number>>>()
  for (let i = 0; i < bundle.policies.ends.length; i++) {
    const policy = sliceAt(bundle.policies, i) as BundlePolicy
    const counts = lease.hold(`counters ${policy.id}`, () => new Map<string, number>())
    counters.set(policy.id, counts)
    live.push(createPolicy(policy, context, lease, counts))
    const turn = pause()
    if (turn !== undefined) await turn
  }
  return counters
}

function createPolicy (policy: BundlePolicy, context: PrepareContext, lease: Lease, counts: Held<Map<string, number>>): LivePolicy {
  const definition = context.registry.get(policy.name) as PolicyDefinition<object> | undefined
  invariant(definition !== undefined, `the bundle uses ${policy.name} without requiring it`)
  const count = (name: string, by = 1): void => {
    const counted = counts.get()
    counted.set(name, (counted.get(name) ?? 0) + by)
  }
  const host: PolicyHost = {
    id: policy.id,
    clock: context.clock,
    random: context.random,
    secret: (reference) => context.secrets.read(reference.$secret),
    state: (create) => lease.take(`state ${keyText(policy)}`, create),
    ledger: createLedger(policy, definition, context, lease),
    count
  }
  try {
    return { id: policy.id, name: policy.name, mode: policy.mode, phase: definition.phase, handler: definition.create(policy.options, host), count }
  } catch (error) {
    throw new Error(`${policy.id}: ${(error as Error).message}`, { cause: error })
  }
}

function createLedger (policy: BundlePolicy, definition: AnyPolicy, context: PrepareContext, lease: Lease): PolicyHost['ledger'] {
  const { askLedger } = context
  if (definition.ledger === undefined) return () => { throw new Error(`gwc bug: policy ${policy.name} has no ledger`) }
  if (askLedger !== undefined) {
    const key: LedgerKey = { id: policy.id, name: policy.name, version: policy.version }
    return (query) => askLedger(key, query)
  }
  const ledger = holdLedger(policy, definition, lease)
  return (query) => ledger.get().decide(query, context.clock.now())
}

/** The ledger of a policy, as state. */
export function holdLedger (key: LedgerKey, definition: AnyPolicy, lease: Lease): Held<Ledger> {
  invariant(definition.ledger !== undefined, `policy ${key.name} has no ledger`)
  return lease.hold(`ledger ${keyText(key)}`, definition.ledger.bind(definition))
}

/** Another policy, or another version, under the same id starts from nothing: it could not read what is there. */
function keyText ({ id, name, version }: LedgerKey): string {
  return `${name}@${version} ${id}`
}
