import type { BundlePolicy } from '../schema/bundle.ts'
import { invariant } from '../schema/invariant.ts'
import type { AnyPolicy, Ledger, PolicyDefinition, PolicyHost } from '../schema/policy.ts'
import type { LivePolicy } from './chain.ts'
import type { DecodedBundle } from './decode.ts'
import type { Pause } from './pause.ts'
import type { PrepareContext } from './prepare.ts'
import { sliceAt } from './slices.ts'
import type { Lease } from './state.ts'

/** Names a ledger: state of a policy that is one for all workers. */
export interface LedgerKey {
  readonly id: string
  readonly name: string
  readonly version: number
}

/** Asks a ledger that lives in another process. */
export type AskLedger = (key: LedgerKey, query: unknown) => Promise<unknown>

/** What policies have counted, by their id. Those that never counted are not in it. */
export type Counters = Map<string, Map<string, number>>

/** Creates every policy of a bundle into `live`, in order, and returns their counters. Throws what a policy's `create` throws, with the policy's id. */
export async function createPolicies (bundle: DecodedBundle, context: PrepareContext, lease: Lease, pause: Pause, live: LivePolicy[]): Promise<Counters> {
  const counters: Counters = new Map()
  for (let i = 0; i < bundle.policies.ends.length; i++) {
    live.push(createPolicy(sliceAt(bundle.policies, i) as BundlePolicy, context, lease, counters))
    const turn = pause()
    if (turn !== undefined) await turn
  }
  return counters
}

function createPolicy (policy: BundlePolicy, context: PrepareContext, lease: Lease, counters: Counters): LivePolicy {
  const definition = context.registry.get(policy.name) as PolicyDefinition<object> | undefined
  invariant(definition !== undefined, `the bundle uses ${policy.name} without requiring it`)
  const countersKey = `counters ${policy.id}`
  let counts = lease.find<Map<string, number>>(countersKey)
  if (counts !== undefined) counters.set(policy.id, counts)
  const count = (name: string, by = 1): void => {
    if (counts === undefined) counters.set(policy.id, counts = lease.take(countersKey, () => new Map<string, number>()))
    counts.set(name, (counts.get(name) ?? 0) + by)
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
  const ledger = createLedgerHold(policy, definition, lease)
  return (query) => ledger().decide(query, context.clock.now())
}

/** Holds the ledger of a policy if there is one, and makes it when it is first asked: of ten thousand limits few are in use. */
export function createLedgerHold (key: LedgerKey, definition: AnyPolicy, lease: Lease): () => Ledger {
  invariant(definition.ledger !== undefined, `policy ${key.name} has no ledger`)
  const create = definition.ledger.bind(definition)
  const name = `ledger ${keyText(key)}`
  let ledger = lease.find<Ledger>(name)
  return () => ledger ??= lease.take(name, create)
}

/** Another policy, or another version, under the same id starts from nothing: it could not read what is there. */
function keyText ({ id, name, version }: LedgerKey): string {
  return `${name}@${version} ${id}`
}
