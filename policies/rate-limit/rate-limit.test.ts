import test from 'ava'
import fc from 'fast-check'
import type { Answer } from '../../schema/exchange.ts'
import { FakeHost, fakeExchange, liveOn } from '../../test/fake-exchange.ts'
import type { FakeRequest } from '../../test/fake-exchange.ts'
import { addressBlock } from './address-block.ts'
import { rateLimit } from './index.ts'
import { createLedger } from './ledger.ts'
import type { LimitQuery, LimitVerdict } from './meter.ts'
import type { RateLimitOptions } from './options.ts'

const { definition } = rateLimit
const query = (over: Partial<LimitQuery> = {}): LimitQuery => {
  const limit = over.limit ?? 10
  return { key: 'k', sliding: false, limit, window: 1000, burst: limit, cost: 1, ...over }
}

function start (options: RateLimitOptions) {
  const host = new FakeHost(definition)
  const handler = liveOn(host, definition, options)
  return {
    host,
    send (request: FakeRequest = {}) {
      const exchange = fakeExchange(request)
      const answer = handler.request!(exchange) as Answer | undefined
      return { answer, status: answer?.status ?? 200, edits: exchange.responseEdits.list }
    }
  }
}

test('gcra: decides exactly as the generic cell rate algorithm in exact arithmetic', (t) => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 4 }),
    fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3000 })), { maxLength: 200 }),
    (limit, window, burst, cost, gaps) => {
      const ledger = createLedger()
      // Times are scaled by the limit, so that the emission interval is the whole number `window`.
      let arrival = 0n
      let now = 0
      for (const gap of gaps) {
        now += gap
        const scaled = BigInt(now) * BigInt(limit)
        const base = arrival > scaled ? arrival : scaled
        const next = base + BigInt(cost) * BigInt(window)
        const fits = next - scaled <= BigInt(burst) * BigInt(window)
        if (fits) arrival = next
        const verdict = ledger.decide(query({ limit, window, burst, cost }), now) as LimitVerdict
        t.is(verdict.allowed, fits)
        const left = BigInt(burst) * BigInt(window) - (arrival > scaled ? arrival - scaled : 0n)
        t.is(verdict.remaining, Number(left / BigInt(window)))
      }
    }), { numRuns: 200 })
})

test('gcra: whoever waits as told passes, and not a millisecond earlier', (t) => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 10, max: 100_000 }), fc.integer({ min: 1, max: 5 }), (limit, window, cost) => {
    const ledger = createLedger()
    const ask = query({ limit, window, burst: Math.max(limit, cost), cost })
    let verdict = ledger.decide(ask, 0) as LimitVerdict
    while (verdict.allowed) verdict = ledger.decide(ask, 0) as LimitVerdict
    const wait = Math.ceil(verdict.wait)
    if (wait > 1) t.false((ledger.decide(ask, wait - 2) as LimitVerdict).allowed)
    t.true((ledger.decide(ask, wait) as LimitVerdict).allowed)
  }), { numRuns: 200 })
})

/** Requests as an exact log would remember them. */
class NaiveLog {
  readonly #taken: { at: number, cost: number }[] = []
  used (window: number, now: number) { return this.#taken.filter(({ at }) => at + window > now).reduce((sum, { cost }) => sum + cost, 0) }
  take (cost: number, now: number) { this.#taken.push({ at: now, cost }) }
}

test('sliding window: up to a limit of 64 it is the exact log', (t) => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 3 }), fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 300 }),
    (limit, window, cost, gaps) => {
      const ledger = createLedger()
      const naive = new NaiveLog()
      let now = 0
      for (const gap of gaps) {
        now += gap
        const verdict = ledger.decide(query({ sliding: true, limit, window, cost }), now) as LimitVerdict
        const used = naive.used(window, now)
        t.is(verdict.allowed, used + cost <= limit)
        if (verdict.allowed) naive.take(cost, now)
        t.is(verdict.remaining, limit - naive.used(window, now))
      }
    }), { numRuns: 200 })
})

test('sliding window: above 64 never more than the limit in any window, and at most a 64th of the window late', (t) => {
  fc.assert(fc.property(
    fc.integer({ min: 65, max: 400 }), fc.integer({ min: 64, max: 5000 }), fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 100, maxLength: 1500 }),
    (limit, window, gaps) => {
      const ledger = createLedger()
      const naive = new NaiveLog()
      let now = 0
      for (const gap of gaps) {
        now += gap
        const { allowed } = ledger.decide(query({ sliding: true, limit, window }), now) as LimitVerdict
        if (allowed) {
          t.true(naive.used(window, now) < limit)
          naive.take(1, now)
        } else t.true(naive.used(window + window / 64, now) >= limit)
      }
    }), { numRuns: 60 })
})

test('a changed limit finds what was used: raised, lowered, with another window and another algorithm', (t) => {
  for (const sliding of [false, true]) {
    const ledger = createLedger()
    const ask = (over: Partial<LimitQuery>, now: number) => ledger.decide(query({ sliding, ...over }), now) as LimitVerdict
    for (let i = 0; i < 6; i++) ask({ limit: 10 }, 0)
    t.is(ask({ limit: 20 }, 0).remaining, 13, 'raised: 7 of 20 used')
    t.deepEqual(ask({ limit: 7 }, 0).allowed, false, 'lowered to what is used')
    t.is(ask({ limit: 10, sliding: !sliding }, 0).remaining, 2, 'other algorithm')
    t.is(ask({ limit: 10, window: 5000, sliding: !sliding }, 0).remaining, 1, 'longer window')
  }
  const ledger = createLedger()
  for (let i = 0; i < 1000; i++) ledger.decide(query({ limit: 1000, window: 3_600_000 }), 0)
  const lowered = ledger.decide(query({ limit: 10, window: 3_600_000 }), 0) as LimitVerdict
  t.true(Math.abs(lowered.wait - 360_000) < 1, 'a far lower limit waits for one unit, not for the excess')
})

test('memory is bounded: expired keys go first, then the least used of eight', (t) => {
  for (const sliding of [false, true]) {
    const ledger = createLedger(4000)
    for (let i = 0; i < 4000; i++) ledger.decide(query({ key: `old-${i}`, sliding }), 0)
    t.is(ledger.size(), 4000)
    for (let i = 0; i < 1500; i++) ledger.decide(query({ key: `new-${i}`, sliding }), 5000)
    t.true(ledger.size() < 2600, `every new key forgets up to two expired ones: ${ledger.size()}`)
    for (let i = 0; i < 10_000; i++) ledger.decide(query({ key: `more-${i}`, sliding }), 5000)
    t.is(ledger.size(), 4000)
  }
  const ledger = createLedger(1000)
  for (let i = 0; i < 9; i++) ledger.decide(query({ key: 'busy' }), 0)
  for (let i = 0; i < 20_000; i++) ledger.decide(query({ key: `flood-${i}` }), 1)
  t.is((ledger.decide(query({ key: 'busy' }), 1) as LimitVerdict).remaining, 0, 'a flood of new keys does not free a busy one')
})

test('the clock may stand still or step back without harm', (t) => {
  for (const sliding of [false, true]) {
    const ledger = createLedger()
    t.true((ledger.decide(query({ sliding }), 1000) as LimitVerdict).allowed)
    t.is((ledger.decide(query({ sliding }), 10) as LimitVerdict).remaining, 8)
  }
})

test('an IPv6 client is its /64 network, an IPv4 client its address', (t) => {
  const cases: readonly [string, string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1:2:3::', '1:2:3:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64']
  ]
  for (const [address, block] of cases) t.is(addressBlock(address), block, address)
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), fc.nat(7), fc.nat(7), (words, a, b) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)]
    const zeroed = words.map((word, i) => i >= from && i <= to ? 0 : word)
    const hex = zeroed.map((word) => word.toString(16))
    const short = `${hex.slice(0, from).join(':')}::${hex.slice(to + 1).join(':')}`
    t.is(addressBlock(short), `${hex.slice(0, 4).join(':')}::/64`)
    t.is(addressBlock(hex.map((word) => word.padStart(4, '0').toUpperCase()).join(':')), `${hex.slice(0, 4).join(':')}::/64`)
  }))
})

test('tells what is left on allowed and refused requests, and when to come again', (t) => {
  const { host, send } = start({ limit: 2, window: '10s', name: 'demo' })
  t.deepEqual(send().edits, [['append', 'ratelimit-policy', '"demo";q=2;w=10'], ['append', 'ratelimit', '"demo";r=1;t=5']])
  host.now = 1000
  t.deepEqual(send().edits.at(-1), ['append', 'ratelimit', '"demo";r=0;t=4'])
  host.now = 1001
  const { answer, edits } = send()
  t.deepEqual(edits.at(-1), ['append', 'ratelimit', '"demo";r=0;t=4'])
  t.deepEqual(answer, {
    status: 429,
    reason: 'rate-limited',
    headers: [['retry-after', '4']],
    problem: {
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Too many requests',
      detail: 'The limit of 2 in 10s is used up. Try again in 4 s.',
      extensions: { 'violated-policies': ['demo'] }
    }
  })
  t.is(host.counters['refused'], 1)
  host.now = 5001
  t.is(send().status, 200)
})

test('Retry-After is never 0, and windows that are no whole seconds have no w', (t) => {
  const { send } = start({ limit: 1, window: '500ms' })
  t.deepEqual(send().edits[0], ['append', 'ratelimit-policy', '"1-per-500ms";q=1'])
  t.deepEqual(send().answer?.headers, [['retry-after', '1']])
})

test('waits for a ledger in another process', async (t) => {
  const host = new FakeHost(definition)
  const near = host.ledger.bind(host)
  host.ledger = (question) => Promise.resolve(structuredClone(near(structuredClone(question))))
  const handler = liveOn(host, definition, { limit: 1, window: '1m' })
  t.is(await handler.request!(fakeExchange()), undefined)
  t.is((await handler.request!(fakeExchange()))?.status, 429)
})

test('counts by address, header, cookie, parameter, or all together', (t) => {
  const passes = (options: Partial<RateLimitOptions>, requests: readonly FakeRequest[]) => {
    const { send } = start({ limit: 1, window: '1h', ...options })
    return requests.map((request) => send(request).status === 200)
  }
  t.deepEqual(passes({}, [{ clientAddress: '192.0.2.1' }, { clientAddress: '192.0.2.2' }, { clientAddress: '::ffff:192.0.2.1' }]), [true, true, false])
  t.deepEqual(passes({ by: 'all' }, [{ clientAddress: '192.0.2.1' }, { clientAddress: '192.0.2.2' }]), [true, false])
  t.deepEqual(passes({ by: 'header:X-Tenant' }, [{ headers: { 'x-tenant': 'a' } }, { headers: { 'x-tenant': 'b' } }, { headers: { 'x-tenant': 'a' }, clientAddress: '192.0.2.9' }]), [true, true, false])
  t.deepEqual(passes({ by: 'cookie:session' }, [{ cookies: { session: 'a' } }, { cookies: { session: 'a' } }]), [true, false])
  t.deepEqual(passes({ by: 'param:id' }, [{ params: { id: '1' } }, { params: { id: '2' } }, { params: { id: '1' } }]), [true, true, false])
  const long = 'x'.repeat(60_000)
  t.deepEqual(passes({ by: 'header:x-tenant' }, [{ headers: { 'x-tenant': `${long}a` } }, { headers: { 'x-tenant': `${long}b` } }, { headers: { 'x-tenant': `${long}a` } }]), [true, true, false])
})

test('a request without the key is counted by its address, and no key can spell another count', (t) => {
  const { send } = start({ limit: 1, window: '1h', by: 'header:x-tenant' })
  t.is(send({ headers: { 'x-tenant': '192.0.2.1' } }).status, 200)
  t.is(send({ headers: { 'x-tenant': '@192.0.2.1' } }).status, 200)
  t.is(send({}).status, 200)
  t.is(send({}).status, 429)
  t.is(send({ headers: { 'x-tenant': '' } }).status, 429, 'an empty key is none')
  t.is(send({ clientAddress: '192.0.2.2' }).status, 200)
})

test('compare: what lets fewer pass is stricter', (t) => {
  const base: RateLimitOptions = { limit: 100, window: '1m' }
  const compare = (after: Partial<RateLimitOptions>, before = base) => definition.compare(before, { ...before, ...after })
  t.is(definition.compare(undefined, base), 'stricter')
  t.is(definition.compare(base, undefined), 'looser')
  t.is(compare({}), 'equal')
  t.is(compare({ name: 'other' }), 'equal')
  t.is(compare({ limit: 50 }), 'stricter')
  t.is(compare({ limit: 200 }), 'looser')
  t.is(compare({ burst: 10 }), 'stricter')
  t.is(compare({ cost: 2 }), 'stricter')
  t.is(compare({ limit: 6000, window: '1h' }), 'looser', 'the same rate, but more at once')
  t.is(compare({ limit: 6000, window: '1h', burst: 100 }), 'equal')
  t.is(compare({ limit: 200, burst: 50 }), 'incomparable')
  t.is(compare({ by: 'all' }), 'incomparable')
  t.is(compare({ algorithm: 'sliding-window' }), 'incomparable')
  const sliding: RateLimitOptions = { ...base, algorithm: 'sliding-window' }
  t.is(compare({ window: '2m' }, sliding), 'stricter')
  t.is(compare({ limit: 200, window: '2m' }, sliding), 'incomparable')
})

test('check: a parameter must exist where the limit stands', (t) => {
  const found = (params: readonly string[]) => definition.check!({ limit: 1, window: '1s', by: 'param:user' }, { target: 'route', params })
  t.deepEqual(found(['user']), [])
  t.is(found(['id'])[0]?.help, 'Its path parameters: id.')
  t.is(found([])[0]?.help, 'There are no path parameters on this route.')
})
