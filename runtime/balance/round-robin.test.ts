import test from 'ava'
import fc from 'fast-check'
import { createRoundRobin } from './round-robin.ts'

const targets = (...weights: number[]) => weights.map((weight, index) => ({ id: String(index), weight }))

function picks (weights: readonly number[], count: number): number[] {
  const turn = createRoundRobin(targets(...weights))
  return Array.from({ length: count }, () => turn.next())
}

test('light targets stand between heavy ones', (t) => {
  t.is(picks([5, 1, 1], 14).join(''), '00102000010200')
  t.is(picks([1, 1, 1], 6).join(''), '012012')
  t.is(picks([0, 3, 0], 3).join(''), '111')
})

test('100,000 turns are shared by weight, and the sum of all weights exactly', (t) => {
  for (const weights of [[1], [1, 1], [5, 1, 1], [1000, 1], [0, 7, 3], [13, 17, 19, 23], Array.from({ length: 100 }, (_, n) => n % 10)]) {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const counts = new Array<number>(weights.length).fill(0)
    const turn = createRoundRobin(targets(...weights))
    for (let n = 0; n < 100_000; n++) counts[turn.next()]!++
    for (const [index, weight] of weights.entries()) {
      const due = 100_000 * weight / total
      t.true(Math.abs(counts[index]! - due) <= Math.max(1, due * 0.01), `${index} of ${weights.join()}: ${counts[index]}`)
    }
    for (const [index, weight] of weights.entries()) t.is(picks(weights, total).filter((pick) => pick === index).length, weight)
  }
})

test('nothing to choose from is -1', (t) => {
  t.is(createRoundRobin([]).next(), -1)
  t.is(createRoundRobin(targets(0, 0)).next(), -1)
})

test('a target of weight zero is never chosen, and no target waits longer than its share allows', (t) => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 }), (weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const turns = picks(weights, total * 2)
    return turns.every((index) => index === -1 || weights[index]! > 0) && weights.every((weight, index) => {
      const at = turns.flatMap((turn, n) => (turn === index ? [n] : []))
      return at.every((n, k) => k === 0 || n - at[k - 1]! <= Math.ceil(total / weight) * 2)
    })
  }), { numRuns: 300 })
  t.pass()
})

test('new weights take effect at once: an old debt silences nobody and gives nobody a burst', (t) => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 3_000 }), fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 3, maxLength: 3 }), (before, weights) => {
    const turn = createRoundRobin(targets(1000, 1, 500))
    for (let n = 0; n < before; n++) turn.next()
    turn.update(targets(...weights))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const counts = [0, 0, 0]
    for (let n = 0; n < total; n++) counts[turn.next()]!++
    return counts.every((count, index) => Math.abs(count - weights[index]!) <= 2)
  }), { numRuns: 200 })
  t.pass()
})

test('targets keep their turn when others come and go', (t) => {
  const turn = createRoundRobin([{ id: 'a', weight: 1 }, { id: 'b', weight: 1 }])
  t.is(turn.next(), 0)
  turn.update([{ id: 'new', weight: 1 }, { id: 'a', weight: 1 }, { id: 'b', weight: 1 }])
  t.is(turn.next(), 2, 'it is b, whose turn it was')
})
