import test from 'ava'
import fc from 'fast-check'
import type { ResolvedBalance, ResolvedTarget } from '../../schema/resolved.ts'
import { targetOptions } from '../../test/support/upstream-options.ts'
import { Endpoint, endpointId } from '../upstream/endpoint.ts'
import type { Pool } from '../upstream/pool.ts'
import { createBalancer } from './balancer.ts'
import type { Balancer } from './balancer.ts'
import { addressKey } from './hash-key.ts'
import type { BalanceRequest } from './hash-key.ts'
import { createHashRing } from './hash-ring.ts'

const byAddress: ResolvedBalance = { kind: 'hash', by: { kind: 'client-address' }, maxLoad: null }
const noPool = {} as Pool

function request (clientAddress = '127.0.0.1'): BalanceRequest {
  const nothing = (): undefined => undefined
  return { clientAddress, header: nothing, query: nothing, cookie: nothing, param: nothing }
}

/** A generator that gives the same numbers in each run. */
function seeded (seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

interface Setup {
  readonly balancer: Balancer
  readonly endpoints: readonly Endpoint[]
  readonly clock: { time: number }
  pick (address?: string, tried?: readonly Endpoint[]): number
}

function setup (targets: readonly Partial<ResolvedTarget>[], options: { balance?: ResolvedBalance, slowStart?: number, panic?: number, zone?: string, preferZone?: boolean } = {}): Setup {
  const resolved = targets.map((target, i) => targetOptions({ port: 1000 + i, ...target }))
  const endpoints = resolved.map((target) => new Endpoint(endpointId(target), noPool, target, Infinity))
  const clock = { time: 0 }
  const balance = options.balance ?? { kind: 'round-robin' }
  const balancer = createBalancer(
    { clock: { now: () => clock.time, wall: () => clock.time }, random: seeded(7), zone: options.zone },
    { balance, slowStart: options.slowStart ?? 0, failover: { overprovisioning: 1.4, panic: options.panic ?? 0.5, zone: options.preferZone === false ? 'ignore' : 'prefer' } },
    endpoints,
    balance.kind === 'hash' ? createHashRing(resolved) : undefined
  )
  const pick = (address?: string, tried: readonly Endpoint[] = []): number => {
    const found = balancer.pick(request(address), tried)
    return found === undefined ? -1 : endpoints.indexOf(found)
  }
  return { balancer, endpoints, clock, pick }
}

function counts (picks: number, targets: number, pick: () => number): number[] {
  const result = new Array<number>(targets).fill(0)
  for (let n = 0; n < picks; n++) result[pick()]!++
  return result
}

const weighted = (...weights: number[]): { weight: number }[] => weights.map((weight) => ({ weight }))

test('round robin: light targets stand between heavy ones', (t) => {
  const order = (...weights: number[]): string => {
    const { pick } = setup(weighted(...weights))
    return Array.from({ length: 14 }, () => pick()).join('')
  }
  t.is(order(5, 1, 1), '00102000010200')
  t.is(order(1, 1, 1), '01201201201201')
  t.is(order(0, 3, 0), '11111111111111')
})

test('100,000 picks are within 1 % of the weights, whichever way they are made', (t) => {
  for (const kind of ['round-robin', 'least-connections', 'random-two', 'latency'] as const) {
    for (const weights of [[1], [1, 1], [5, 1, 1], [100, 1], [0, 7, 3], [13, 17, 19, 23]]) {
      const { pick } = setup(weighted(...weights), { balance: { kind } })
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      for (const [i, count] of counts(100_000, weights.length, pick).entries()) {
        const due = 100_000 * weights[i]! / total
        // 1 % of all picks for what is drawn at random, 1 % of its own share for what is counted.
        const slack = kind === 'random-two' || kind === 'latency' ? 1_000 : Math.max(1, due * 0.01)
        t.true(Math.abs(count - due) <= slack, `${kind} ${i} of ${weights.join()}: ${count} for ${due}`)
      }
    }
  }
})

test('round robin: the sum of all weights is shared exactly, and nobody waits longer than its share allows', (t) => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 }), (weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const { pick } = setup(weighted(...weights))
    if (total === 0) return pick() === -1
    return counts(total, weights.length, pick).every((count, i) => count === weights[i])
  }))
  t.pass()
})

test('least connections: the fewest requests under way for the weight', (t) => {
  const { endpoints, pick } = setup(weighted(1, 1, 4), { balance: { kind: 'least-connections' } })
  endpoints[0]!.active = 2
  endpoints[1]!.active = 1
  endpoints[2]!.active = 7
  t.is(pick(), 1)
  endpoints[1]!.active = 2
  t.is(pick(), 2)
  endpoints[2]!.active = 9
  t.not(pick(), 2)
})

test('random two: nobody is far busier than the mean', (t) => {
  const { endpoints, pick } = setup(weighted(...new Array<number>(50).fill(1)), { balance: { kind: 'random-two' } })
  const random = seeded(3)
  const open: number[] = []
  for (let n = 0; n < 50_000; n++) {
    const i = pick()
    endpoints[i]!.active++
    open.push(i)
    if (open.length > 500) endpoints[open.splice(Math.floor(random() * open.length), 1)[0]!]!.active--
  }
  t.true(Math.max(...endpoints.map(({ active }) => active)) <= 16)
})

test('latency: the faster gets more, the slow one is tried again when its slowness is long ago', (t) => {
  const { endpoints, clock, pick } = setup(weighted(1, 1), { balance: { kind: 'latency' } })
  for (const endpoint of endpoints) endpoint.answered(10, 0)
  endpoints[1]!.answered(200, 0)
  t.is(counts(1000, 2, pick)[1], 0)
  endpoints[0]!.active = 30
  t.is(pick(), 1)
  endpoints[0]!.active = 0
  for (clock.time = 0; clock.time < 120_000; clock.time += 1_000) endpoints[0]!.answered(10, clock.time)
  t.is(pick(), 1)
})

test('hash: a key keeps its target, clients of one IPv6 network count as one', (t) => {
  const { pick } = setup(weighted(1, 1, 1, 1), { balance: byAddress })
  for (const address of ['10.0.0.1', '10.0.0.2', '2001:db8::1']) t.is(new Set(Array.from({ length: 20 }, () => pick(address))).size, 1)
  t.is(pick('2001:db8:0:1::1'), pick('2001:db8:0:1:ffff::2'))
  t.is(addressKey('2001:db8::1'), '2001:db8:0:0::/64')
  t.is(addressKey('::1'), '0:0:0:0::/64')
  t.is(addressKey('10.1.2.3'), '10.1.2.3')
  t.is(new Set(Array.from({ length: 200 }, (_, n) => pick(`10.0.1.${n}`))).size, 4)
})

test('hash: one target more or less moves at most 1.1/N of the keys, and only from or to it', (t) => {
  const keys = Array.from({ length: 20_000 }, (_, n) => `10.${n >> 16}.${n >> 8 & 255}.${n & 255}`)
  for (const n of [3, 10, 100]) {
    const before = setup(weighted(...new Array<number>(n).fill(1)), { balance: byAddress })
    const after = setup(weighted(...new Array<number>(n + 1).fill(1)), { balance: byAddress })
    let moved = 0
    for (const key of keys) {
      const [a, b] = [before.pick(key), after.pick(key)]
      if (a === b) continue
      moved++
      t.is(b, n)
    }
    t.true(moved / keys.length <= 1.1 / (n + 1), `${n}: ${moved}`)
    // The same when a target is down: its keys alone move, and spread over all others.
    before.endpoints[0]!.judge(false, false, '', 0)
    const owned = keys.map((key) => before.pick(key))
    before.balancer.refresh()
    for (const [i, key] of keys.entries()) if (owned[i] !== 0) t.is(before.pick(key), owned[i]!)
  }
})

test('hash: shares follow the weights', (t) => {
  const { pick } = setup(weighted(1, 2, 5), { balance: byAddress })
  let n = 0
  const shares = counts(40_000, 3, () => pick(`10.0.${n >> 8 & 255}.${n++ & 255}`))
  for (const [i, weight] of [1, 2, 5].entries()) t.true(Math.abs(shares[i]! / 40_000 - weight / 8) < 0.02, String(shares))
})

test('bounded load: nobody has more than maxLoad times the mean, and most keys stay where they are', (t) => {
  const balance: ResolvedBalance = { kind: 'hash', by: { kind: 'client-address' }, maxLoad: 1.25 }
  const { endpoints, pick } = setup(weighted(...new Array<number>(20).fill(1)), { balance })
  const random = seeded(5)
  const open: number[] = []
  // Skewed: a tenth of the keys makes most of the requests.
  for (let n = 0; n < 40_000; n++) {
    const i = pick(`10.0.0.${Math.floor(random() ** 3 * 200)}`)
    endpoints[i]!.active++
    open.push(i)
    if (open.length > 1_000) endpoints[open.splice(Math.floor(random() * open.length), 1)[0]!]!.active--
    if (open.length === 1_000) t.true(Math.max(...endpoints.map(({ active }) => active)) <= Math.ceil(1.25 * 1_001 / 20))
  }
})

test('what was tried, and what is full, is not picked', (t) => {
  for (const balance of [{ kind: 'round-robin' }, { kind: 'least-connections' }, { kind: 'random-two' }, { kind: 'latency' }, byAddress] as ResolvedBalance[]) {
    const { endpoints, pick } = setup(weighted(1, 100, 1), { balance })
    t.not(pick('10.0.0.1', [endpoints[1]!]), 1)
    t.is(pick('10.0.0.1', [endpoints[1]!, endpoints[0]!]), 2)
    t.is(pick('10.0.0.1', endpoints), -1)
    for (const i of [0, 1]) {
      endpoints[i]!.maxActive = 3
      endpoints[i]!.active = 3
    }
    t.is(pick('10.0.0.1'), 2, balance.kind)
  }
})

test('priorities: the first keeps everything until its healthy share times 1.4 is below 1', (t) => {
  const { balancer, endpoints, pick } = setup([...weighted(1, 1, 1, 1), { priority: 1 }, { priority: 1 }])
  const share = (): number => {
    balancer.refresh()
    return counts(10_000, 6, pick).slice(0, 4).reduce((sum, count) => sum + count, 0) / 10_000
  }
  t.is(share(), 1)
  endpoints[0]!.judge(false, false, 'down', 0)
  t.is(share(), 1) // 3 of 4 × 1.4 > 1
  endpoints[1]!.judge(true, true, 'ejected', 0)
  t.true(Math.abs(share() - 0.7) < 0.02)
  endpoints[2]!.judge(false, false, 'down', 0)
  endpoints[3]!.judge(false, false, 'down', 0)
  t.is(share(), 0)
  for (const endpoint of endpoints) endpoint.judge(true, false, '', 0)
  t.is(share(), 1)
})

test('zones: the own zone first, the others as it fails', (t) => {
  const { balancer, endpoints, pick } = setup([{ zone: 'a' }, { zone: 'a' }, { zone: 'b' }, { zone: 'b' }], { zone: 'a' })
  t.deepEqual(counts(100, 4, pick), [50, 50, 0, 0])
  endpoints[0]!.judge(false, false, 'down', 0)
  balancer.refresh()
  const shares = counts(10_000, 4, pick)
  t.is(shares[0], 0)
  t.true(Math.abs(shares[1]! / 10_000 - 0.7) < 0.02)
  t.deepEqual(counts(100, 4, setup([{ zone: 'a' }, { zone: 'a' }, { zone: 'b' }, { zone: 'b' }], { zone: 'a', preferZone: false }).pick), [25, 25, 25, 25])
})

test('panic: when too few are healthy all are used, unless panic is off', (t) => {
  const used = (panic: number, down: number): number[] => {
    const { endpoints, balancer, pick } = setup(weighted(1, 1, 1, 1), { panic })
    for (let i = 0; i < down; i++) endpoints[i]!.judge(false, false, 'down', 0)
    balancer.refresh()
    return [...new Set(Array.from({ length: 40 }, () => pick()))].sort()
  }
  t.deepEqual(used(0.5, 2), [2, 3])
  t.deepEqual(used(0.5, 3), [0, 1, 2, 3])
  t.deepEqual(used(0, 3), [3])
  t.deepEqual(used(0, 4), [-1])
})

test('draining targets and those of weight 0 get nothing, even in panic', (t) => {
  const { endpoints, balancer, pick } = setup([{ drain: true }, { weight: 0 }, {}])
  endpoints[2]!.judge(false, false, 'down', 0)
  balancer.refresh()
  t.deepEqual(counts(10, 3, pick), [0, 0, 10])
})

test('slow start: a target that was down returns in a straight line, and only then', (t) => {
  const { endpoints, balancer, clock, pick } = setup(weighted(1, 1), { slowStart: 10_000 })
  t.deepEqual(counts(1_000, 2, pick), [500, 500])
  clock.time = 100_000
  endpoints[1]!.judge(false, false, 'down', clock.time)
  balancer.refresh()
  t.deepEqual(counts(100, 2, pick), [100, 0])
  endpoints[1]!.judge(true, false, '', clock.time)
  balancer.refresh()
  const shareAt = (since: number): number => {
    clock.time = 100_000 + since
    return counts(1_100, 2, pick)[1]! / 1_100
  }
  t.true(Math.abs(shareAt(0) - 1 / 11) < 0.02)
  t.true(Math.abs(shareAt(5_000) - 1 / 3) < 0.02)
  t.true(Math.abs(shareAt(10_300) - 1 / 2) < 0.01)
})

test('an update keeps the turn of targets that stay, and takes new weights', (t) => {
  const { balancer, endpoints, pick } = setup(weighted(1, 1, 1))
  pick()
  const kept = endpoints.slice(1)
  balancer.update({ balance: { kind: 'round-robin' }, slowStart: 0, failover: { overprovisioning: 1.4, panic: 0.5, zone: 'prefer' } }, kept, undefined)
  t.deepEqual(counts(100, 3, pick), [0, 50, 50])
  kept[0]!.target = { ...kept[0]!.target, weight: 3 }
  balancer.refresh()
  t.deepEqual(counts(100, 3, pick), [0, 75, 25])
})
