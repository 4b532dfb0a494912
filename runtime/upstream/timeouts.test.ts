import test from 'ava'
import fc from 'fast-check'
import { createTimeouts, isArmed, tickLength, unarmed } from './timeouts.ts'
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

test('whatever is armed, armed anew, suspended and disarmed, what expires is what was left armed, once and in time', (t) => {
  const step = fc.record({ who: fc.nat(4), what: fc.constantFrom('arm', 'arm', 'disarm', 'suspend', 'wait'), ms: fc.oneof(fc.nat(100), fc.nat(30_000)) })
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    let now = 7.5
    const timeouts = createTimeouts({ now: () => now, wall: () => now })
    const wanted = new Array<number>(5).fill(Infinity)
    const faults: string[] = []
    const timed = wanted.map((_, who): Timed => ({
      timer: unarmed(),
      expired: () => {
        if (now < wanted[who]!) faults.push(`${who} expires ${wanted[who]! - now} ms early`)
        wanted[who] = Infinity
      },
    }))
    const wait = (ms: number): void => {
      for (const end = now + ms; now < end;) {
        now = Math.min(end, now + tickLength)
        timeouts.tick()
        wanted.forEach((deadline, who) => { if (deadline + 2 * tickLength < now) faults.push(`${who} is late`) })
      }
    }
    for (const { who, what, ms } of steps) {
      if (what === 'wait') wait(ms)
      else if (what === 'arm') {
        timeouts.arm(timed[who]!, ms)
        wanted[who] = now + ms
      } else {
        timeouts[what](timed[who]!)
        wanted[who] = Infinity
      }
      if (isArmed(timed[who]!) !== (wanted[who] !== Infinity)) faults.push(`${who} is not as armed as it says`)
    }
    wait(31_000)
    timeouts.close()
    t.deepEqual(faults, [])
  }), { numRuns: 60 })
})
