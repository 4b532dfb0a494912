import test from 'ava'
import fc from 'fast-check'
import { createTimeouts, tickLength, unarmed } from './timeouts.ts'
import type { Timed } from './timeouts.ts'

function wheel () {
  let now = 1_000.5
  const timeouts = createTimeouts({ now: () => now, wall: () => now })
  const log: string[] = []
  const timed = (name: string, then?: () => void): Timed => ({ timer: unarmed(), expired: () => { log.push(`${name}@${Math.round(now - 1_000.5)}`); then?.() } })
  const advance = (ms: number, step = tickLength): void => {
    for (let rest = ms; rest > 0; rest -= step) {
      now += Math.min(step, rest)
      timeouts.tick()
    }
  }
  return { timeouts, log, timed, advance }
}

test('expires once, in time, unless disarmed or armed anew', (t) => {
  const { timeouts, log, timed, advance } = wheel()
  const [a, b, c] = [timed('a'), timed('b'), timed('c')]
  timeouts.arm(a, 100)
  timeouts.arm(b, 100)
  timeouts.arm(c, 100)
  timeouts.disarm(b)
  advance(60)
  timeouts.arm(c, 100)
  t.deepEqual(log, [])
  advance(400)
  t.deepEqual(log, ['a@120', 'c@180'])
  timeouts.close()
})

test('what expires may arm and disarm others that are due in the same tick', (t) => {
  const { timeouts, log, timed, advance } = wheel()
  const b = timed('b')
  const c = timed('c')
  const a = timed('a', () => {
    timeouts.disarm(b)
    timeouts.arm(c, 50)
  })
  for (const each of [c, b, a]) timeouts.arm(each, 10)
  advance(40)
  advance(100)
  t.deepEqual(log.map((line) => line[0]), ['a', 'c'])
  timeouts.close()
})

test('never early, at most two ticks late, however the clock steps', (t) => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 20_000 })), { maxLength: 30 }), (entries) => {
    let now = 0
    const timeouts = createTimeouts({ now: () => now, wall: () => now })
    const misses: number[] = []
    for (const [delay, step] of entries) {
      const deadline = now + delay
      timeouts.arm({ timer: unarmed(), expired: () => { if (now < deadline) misses.push(now - deadline) } }, delay)
      now += step
      timeouts.tick()
    }
    const rest: number[] = []
    for (let n = 0; n < 100; n++) {
      const deadline = now + n * 700
      timeouts.arm({ timer: unarmed(), expired: () => rest.push(now - deadline) }, n * 700)
    }
    for (let n = 0; n < 4_000; n++) {
      now += tickLength
      timeouts.tick()
    }
    timeouts.close()
    return misses.length === 0 && rest.length === 100 && rest.every((late) => late >= 0 && late <= 2 * tickLength)
  }), { numRuns: 50 })
  t.pass()
})
