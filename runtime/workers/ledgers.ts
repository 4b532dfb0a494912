import type { BundlePolicy } from '../../schema/bundle.ts'
import type { AnyPolicy, Clock } from '../../schema/policy.ts'
import type { DecodedBundle } from '../decode.ts'
import { createPause } from '../pause.ts'
import { holdLedger } from '../policies.ts'
import type { LedgerKey } from '../policies.ts'
import { sliceAt } from '../slices.ts'
import { createState } from '../state.ts'
import type { LedgerAnswer, LedgerQuestion } from './messages.ts'

/** The ledgers of all workers: one count each, so that a limit is exact however many processes serve. */
export interface Ledgers {
  /** Keeps the ledgers of a published bundle; those of earlier ones stay for the grace period of the state. */
  hold (bundle: DecodedBundle): Promise<void>
  answer (questions: readonly LedgerQuestion[]): readonly LedgerAnswer[]
}

export function createLedgers (registry: ReadonlyMap<string, AnyPolicy>, clock: Clock): Ledgers {
  const state = createState({ clock })
  let held = state.lease()

  function decide (key: LedgerKey, query: unknown): unknown {
    const definition = registry.get(key.name)
    if (definition?.version !== key.version) throw new Error(`no ledger of ${key.name}@${key.version} here`)
    return holdLedger(key, definition, held).get().decide(query, clock.now())
  }

  return {
    async hold (bundle) {
      const next = state.lease()
      const pause = createPause()
      for (let i = 0; i < bundle.policies.ends.length; i++) {
        const policy = sliceAt(bundle.policies, i) as BundlePolicy
        const definition = registry.get(policy.name)
        if (definition?.ledger !== undefined) holdLedger(policy, definition, next)
        const turn = pause()
        if (turn !== undefined) await turn
      }
      held.end()
      held = next
    },
    answer: (questions) => questions.map(({ id, key, query }) => {
      try {
        return { id, answer: decide(key, query) }
      } catch (error) {
        return { id, fault: (error as Error).message }
      }
    })
  }
}
