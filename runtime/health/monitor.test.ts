import test from 'ava'
import { targetOptions, upstreamOptions } from '../../test/support/upstream-options.ts'
import type { ResolvedEjection, ResolvedHealth, ResolvedTarget } from '../../schema/resolved.ts'
import { createTimeouts } from '../upstream/timeouts.ts'
import { createMonitor } from './monitor.ts'
import type { Outcome } from './outcome.ts'
import type { TargetStatus } from './target-status.ts'

const health: ResolvedHealth = {
  type: 'http', path: '/', method: 'GET', host: null, port: null, service: '', status: [[200, 399]], body: null, interval: 5_000, timeout: 2_000, jitter: 0, rise: 2, fall: 3
}
const ejection: ResolvedEjection = {
  consecutiveServerErrors: 5, consecutiveGatewayFailures: 5, consecutiveConnectFailures: 3, successRate: null, interval: 10_000, base: 30_000, max: 300_000, maxEjected: 0.5
}
const tls = { verify: true, serverName: null, ca: null, certificate: null, key: null }

interface Setup { readonly health?: ResolvedHealth | null, readonly ejection?: ResolvedEjection | null, readonly targets?: readonly Partial<ResolvedTarget>[] }

function setup (initial: Setup = {}, random = 0.5) {
  const clock = { time: 0, now: () => clock.time, wall: () => clock.time }
  const timeouts = createTimeouts(clock)
  const changes: string[] = []
  const failing = new Set<string>()
  const hanging = new Set<string>()
  const probes: string[] = []
  const text = ({ target, healthy, ejected }: TargetStatus): string => `${target.slice(-1)} ${!healthy ? 'unhealthy' : ejected ? 'ejected' : 'healthy'}`
  const monitor = createMonitor({
    clock, timeouts, random: () => random, changed: (status) => { changes.push(text(status)) },
    start: ({ target }, done) => {
      const id = String(target.port).slice(-1)
      probes.push(`${id}@${clock.time}`)
      if (!hanging.has(id)) done(failing.has(id) ? 'refused' : undefined)
      return { cancel: () => { probes.push(`${id} cancelled`) } }
    }
  })
  const watch = ({ targets = [{}, {}, {}], ...options }: Setup): void => {
    monitor.watch([{ options: upstreamOptions({ targets: targets.map((target, i) => targetOptions({ port: 1001 + i, ...target })), health: null, ejection, ...options }), tls }])
  }
  const advance = (ms: number): void => {
    for (const end = clock.time + ms; clock.time < end;) {
      clock.time = Math.min(end, clock.time + 20)
      timeouts.tick()
    }
  }
  const observe = (target: number, outcome: Outcome, count = 1): void => { monitor.observe([{ upstream: 'up', target: `http://127.0.0.1:${1000 + target}`, outcome, count }]) }
  const many = (target: number, outcome: Outcome, times: number): void => { for (let n = 0; n < times; n++) observe(target, outcome) }
  watch(initial)
  return { monitor, clock, changes, failing, hanging, probes, watch, advance, observe, many, states: () => monitor.statuses.map(text) }
}

test('active: the first result decides at once, later ones after fall and rise', (t) => {
  const { changes, failing, advance, probes } = setup({ health })
  failing.add('1')
  advance(600)
  t.deepEqual(changes, ['1 unhealthy'])
  failing.delete('1')
  failing.add('2')
  advance(5_000)
  t.deepEqual(changes, ['1 unhealthy'])
  advance(5_000)
  t.deepEqual(changes, ['1 unhealthy', '1 healthy'])
  advance(5_000)
  t.deepEqual(changes, ['1 unhealthy', '1 healthy', '2 unhealthy'])
  t.is(probes.filter((probe) => probe.startsWith('3')).length, 4)
})

test('active: a check that takes too long is given up and has failed', (t) => {
  const { changes, hanging, probes, advance } = setup({ health, targets: [{}] })
  hanging.add('1')
  advance(600)
  t.deepEqual(changes, [])
  advance(2_000)
  t.deepEqual(changes, ['1 unhealthy'])
  t.deepEqual(probes.length, 2)
  t.is(probes[1], '1 cancelled')
})

test('active: checks vary by the jitter', (t) => {
  for (const [random, between] of [[0, 4_250], [0.999, 5_750]] as const) {
    const { probes, advance } = setup({ health: { ...health, jitter: 0.15 }, targets: [{}] }, random)
    advance(30_000)
    const times = probes.map((probe) => Number(probe.slice(2)))
    t.true(Math.abs(times[2]! - times[1]! - between) <= 60, String(times))
  }
})

test('a reload keeps what is known, takes new options, and forgets what is gone', (t) => {
  const { changes, failing, states, advance, watch, many, probes } = setup({ health })
  failing.add('1')
  advance(600)
  many(2, 'server-error', 5)
  t.deepEqual(states(), ['1 unhealthy', '2 ejected', '3 healthy'])
  watch({ health, targets: [{}, {}, {}, {}] })
  t.deepEqual(states(), ['1 unhealthy', '2 ejected', '3 healthy', '4 healthy'])
  watch({ health: { ...health, path: '/other' } })
  t.is(states()[0], '1 unhealthy')
  watch({ health, targets: [{}] })
  t.deepEqual(states(), ['1 unhealthy'])
  const asked = probes.length
  watch({ health: null })
  t.deepEqual(states(), ['1 healthy', '2 healthy', '3 healthy'])
  advance(60_000)
  t.is(probes.length, asked)
  t.is(changes.at(-1), '1 healthy')
})

test('ejection: failures in a row, each kind by its own count', (t) => {
  const cases: readonly [Outcome, number][] = [['server-error', 5], ['gateway-error', 5], ['broken', 5], ['timeout', 5], ['connect-failure', 3]]
  for (const [outcome, count] of cases) {
    const { many, observe, states } = setup()
    many(1, outcome, count - 1)
    observe(1, 'success')
    many(1, outcome, count - 1)
    t.is(states()[0], '1 healthy', outcome)
    many(1, outcome, 1)
    t.is(states()[0], '1 ejected', outcome)
  }
  const { many, states } = setup({ ejection: { ...ejection, consecutiveServerErrors: null, consecutiveGatewayFailures: null, consecutiveConnectFailures: null } })
  many(1, 'gateway-error', 100)
  many(1, 'connect-failure', 100)
  t.is(states()[0], '1 healthy')
})

test('ejection: returns by itself, is longer each time, and shorter again after good intervals', (t) => {
  const { many, advance, states, clock } = setup()
  const lasts = (): number => {
    many(1, 'server-error', 5)
    const start = clock.time
    while (states()[0] === '1 ejected') advance(1_000)
    return Math.round((clock.time - start) / 10_000) * 10
  }
  t.is(lasts(), 30)
  t.is(lasts(), 60)
  t.is(lasts(), 90)
  advance(45_000)
  t.is(lasts(), 30)
  for (let n = 0; n < 12; n++) lasts()
  t.is(lasts(), 300)
})

test('ejection: at most a share of the targets, and never the last usable one', (t) => {
  const four = setup({ targets: [{}, {}, {}, {}] })
  for (const target of [1, 2, 3, 4]) four.many(target, 'server-error', 5)
  t.deepEqual(four.states(), ['1 ejected', '2 ejected', '3 healthy', '4 healthy'])
  const one = setup({ targets: [{}] })
  one.many(1, 'server-error', 50)
  t.deepEqual(one.states(), ['1 healthy'])
  const drained = setup({ targets: [{}, { drain: true }, { weight: 0 }] })
  drained.many(1, 'server-error', 5)
  t.deepEqual(drained.states()[0], '1 healthy')
  const checked = setup({ health, targets: [{}, {}] })
  checked.failing.add('2')
  checked.advance(600)
  checked.many(1, 'server-error', 5)
  t.deepEqual(checked.states(), ['1 healthy', '2 unhealthy'])
})

test('ejection: a check that passes ends it early', (t) => {
  const { many, advance, states } = setup({ health })
  advance(600)
  many(1, 'server-error', 5)
  t.is(states()[0], '1 ejected')
  advance(5_100)
  t.is(states()[0], '1 healthy')
})

test('ejection: a success rate far below that of the others', (t) => {
  const targets = Array.from({ length: 5 }, () => ({}))
  const { observe, advance, states } = setup({ targets, ejection: { ...ejection, consecutiveServerErrors: null, successRate: { minTargets: 5, minRequests: 50, deviations: 1.9 } } })
  const interval = (bad: number, good: number): void => {
    for (const target of [1, 2, 3, 4]) observe(target, 'success', 100)
    observe(5, 'success', good)
    for (let n = 0; n < bad; n++) observe(5, 'server-error')
    advance(10_100)
  }
  interval(20, 20) // too few to judge
  t.is(states()[4], '5 healthy')
  interval(0, 100)
  t.is(states()[4], '5 healthy')
  interval(50, 50)
  t.deepEqual(states(), ['1 healthy', '2 healthy', '3 healthy', '4 healthy', '5 ejected'])
})
