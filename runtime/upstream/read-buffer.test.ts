import test from 'ava'
import { giveBack } from './memory.ts'
import { ReadBuffer } from './read-buffer.ts'

test('a buffer goes with one part at most, so that it comes back once', (t) => {
  const reading = new ReadBuffer()
  const shared = reading.next(true)
  const copied = reading.keep(shared, 0, 40_000)
  t.not(copied.buffer, shared.buffer)
  const large = reading.next(true)
  t.not(large, shared)
  const first = reading.keep(large, 0, 40_000)
  const second = reading.keep(large, 40_000, 80_000)
  t.is(first.buffer, large.buffer)
  t.not(second.buffer, large.buffer)
  giveBack(first)
  giveBack(second)
  const next = reading.next(true)
  const other = new ReadBuffer()
  other.keep(other.next(true), 0, 40_000)
  t.not(other.next(true).buffer, next.buffer)
})
