import test from 'ava'
import fc from 'fast-check'
import { shareOf } from './share-limits.ts'

test('the parts of all workers are the limit, and each can serve', (t) => {
  fc.assert(fc.property(fc.nat(5_000), fc.integer({ min: 1, max: 64 }), (limit, workers) => {
    const parts = Array.from({ length: workers }, (_, index) => shareOf(limit, { worker: index + 1, workers }))
    const sum = parts.reduce((all, part) => all + part, 0)
    t.is(sum, limit === 0 ? 0 : Math.max(limit, workers))
    t.true(Math.max(...parts) - Math.min(...parts) <= 1)
    t.true(limit === 0 || Math.min(...parts) >= 1)
  }))
})
