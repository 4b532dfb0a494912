import test from 'ava'
import { createBreaker } from './breaker.ts'

const options = { failureRatio: 0.5, minRequests: 10, window: 10_000, consecutive: null, open: 5_000, probes: 2, ramp: 10_000 }

function setup (changes: Partial<Omit<typeof options, 'consecutive'>> & { readonly consecutive?: number | null } = {}) {
  const clock = { time: 0 }
  const draw = { next: 0 }
  const breaker = createBreaker({ ...options, ...changes }, { now: () => clock.time, wall: () => clock.time }, () => draw.next)
  const run = (succeeded: boolean, times = 1): void => {
    for (let n = 0; n < times; n++) {
      const pass = breaker.admit()
      if (typeof pass === 'string') breaker.record(pass, succeeded)
    }
  }
  return { clock, draw, breaker, run }
}

test('opens at the ratio, not below the minimum of requests', (t) => {
  const { breaker, run } = setup()
  run(false, 9)
  t.is(breaker.state, 'closed')
  run(true, 20)
  run(false, 10)
  t.is(breaker.state, 'closed')
  run(false)
  t.is(breaker.state, 'open')
  t.is(breaker.admit(), 5)
})

test('what was long ago is forgotten', (t) => {
  const { breaker, clock, run } = setup()
  run(false, 9)
  clock.time = 11_000
  run(false, 9)
  t.is(breaker.state, 'closed')
  run(false)
  t.is(breaker.state, 'open')
})

test('opens at failures in a row', (t) => {
  const { breaker, run } = setup({ consecutive: 3 })
  run(false, 2)
  run(true)
  run(false, 2)
  t.is(breaker.state, 'closed')
  run(false)
  t.is(breaker.state, 'open')
})

test('half-open: a few probes; when they succeed, load returns slowly', (t) => {
  const { breaker, clock, draw, run } = setup()
  run(false, 10)
  clock.time = 4_999
  t.is(breaker.admit(), 1)
  clock.time = 5_000
  t.is(breaker.state, 'half-open')
  t.is(breaker.admit(), 'probe')
  t.is(breaker.admit(), 'probe')
  t.is(breaker.admit(), 1)
  breaker.record('probe', true)
  t.is(breaker.admit(), 1)
  breaker.record('probe', true)
  t.is(breaker.state, 'ramp')
  draw.next = 0.5
  t.is(typeof breaker.admit(), 'number')
  clock.time += 5_100
  t.is(breaker.admit(), 'normal')
  draw.next = 0.99
  t.is(breaker.admit(), 5)
  clock.time += 5_000
  t.is(breaker.admit(), 'normal')
  t.is(breaker.state, 'closed')
})

test('probes that fail open it for longer, up to ten times', (t) => {
  const { breaker, clock, run } = setup()
  run(false, 10)
  for (const seconds of [10, 20, 40, 50, 50]) {
    clock.time += 60_000
    run(false)
    t.is(breaker.admit(), seconds)
  }
})

test('a probe that was given up makes room for another; late answers of before do not count', (t) => {
  const { breaker, clock, run } = setup({ probes: 1 })
  run(false, 10)
  clock.time = 5_000
  t.is(breaker.admit(), 'probe')
  breaker.record('normal', false)
  breaker.record('probe', undefined)
  t.is(breaker.admit(), 'probe')
  breaker.record('probe', true)
  t.is(breaker.state, 'ramp')
})
