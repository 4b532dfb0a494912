import test from 'ava'
import { createResetBudget } from './reset-budget.ts'

test('a burst is taken, then as many as time brings', (t) => {
  const budget = createResetBudget()
  const taken = (now: number): number => {
    let count = 0
    while (budget.take(now)) count++
    return count
  }
  t.is(taken(0), 200)
  t.is(taken(1_000), 19) // the refused one has cost a place too
  t.is(taken(100_000), 200)
})
