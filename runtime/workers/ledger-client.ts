import type { AskLedger } from '../policies.ts'
import type { LedgerAnswer, LedgerQuestion } from './messages.ts'

/** A worker's way to the ledgers in the primary process. */
export interface LedgerClient {
  readonly ask: AskLedger
  answered (answers: readonly LedgerAnswer[]): void
}

/** How long an answer is waited for, in milliseconds. Later the policy gets an error, and the request fails closed. */
const patience = 2_000

interface Pending {
  readonly resolve: (answer: unknown) => void
  readonly reject: (fault: Error) => void
  readonly asked: number
}

/** Questions of one turn of the event loop travel together. */
export function createLedgerClient (send: (questions: readonly LedgerQuestion[]) => void, now: () => number): LedgerClient {
  const pending = new Map<number, Pending>()
  let waiting: LedgerQuestion[] = []
  let last = 0
  let watching: NodeJS.Timeout | undefined

  function flush (): void {
    const questions = waiting
    waiting = []
    send(questions)
  }

  function expire (): void {
    const due = now() - patience
    for (const [id, { asked, reject }] of pending) {
      if (asked > due) break
      pending.delete(id)
      reject(new Error('the primary process does not answer'))
    }
    if (pending.size > 0) return
    clearInterval(watching)
    watching = undefined
  }

  return {
    ask: (key, query) => new Promise((resolve, reject) => {
      const id = ++last
      pending.set(id, { resolve, reject, asked: now() })
      watching ??= setInterval(expire, patience / 4).unref()
      if (waiting.push({ id, key, query }) === 1) setImmediate(flush)
    }),
    answered (answers) {
      for (const { id, answer, fault } of answers) {
        const question = pending.get(id)
        pending.delete(id)
        if (fault === undefined) question?.resolve(answer)
        else question?.reject(new Error(fault))
      }
    }
  }
}
