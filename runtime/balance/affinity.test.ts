import test from 'ava'
import { targetOptions } from '../../test/support/upstream-options.ts'
import { Endpoint, endpointId } from '../upstream/endpoint.ts'
import type { Pool } from '../upstream/pool.ts'
import { createBalancer } from './balancer.ts'
import { createCookieAffinity } from './cookie-affinity.ts'
import type { BalanceRequest } from './hash-key.ts'
import { createHashRing } from './hash-ring.ts'
import { createTableAffinity } from './table-affinity.ts'

const targets = [1, 2, 3].map((port) => targetOptions(port))
const endpoints = targets.map((target) => new Endpoint(endpointId(target), {} as Pool, target, Infinity))
const cookie = { by: 'cookie', name: 'pin', key: { $secret: 'KEY' }, onFailure: 'redistribute', ttl: null, path: '/', domain: null, secure: true, httpOnly: true, sameSite: 'lax' } as const

function request ({ address = '10.0.0.1', cookies = {}, headers = {} }: { address?: string, cookies?: Record<string, string>, headers?: Record<string, string> } = {}): BalanceRequest {
  return { clientAddress: address, header: (name) => headers[name], cookie: (name) => cookies[name], query: () => undefined, param: () => undefined }
}

const valueOf = (setCookie: string | undefined): string => /^pin=([^;]+)/.exec(setCookie ?? '')![1]!

test('cookie: says which target without saying where it is, and cannot be made up', (t) => {
  const affinity = createCookieAffinity(cookie, 'shop', () => 'a key of sixteen bytes')
  t.is(affinity.bound(request(), endpoints), undefined)
  const set = affinity.bind(request(), endpoints[1]!)!
  t.regex(set, /^pin=[\w-]{16}\.[\w-]{32}; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
  t.false(set.includes('127'))
  const value = valueOf(set)
  t.is(affinity.bound(request({ cookies: { pin: value } }), endpoints), endpoints[1])
  t.is(affinity.bind(request({ cookies: { pin: value } }), endpoints[1]!), undefined)
  for (const wrong of [`${value}x`, value.slice(0, -1), 'x', '']) t.is(affinity.bound(request({ cookies: { pin: wrong } }), endpoints), undefined)
  // Another key, another upstream: another cookie.
  const other = createCookieAffinity(cookie, 'shop', () => 'some other key of bytes')
  t.is(other.bound(request({ cookies: { pin: value } }), endpoints), undefined)
  const elsewhere = createCookieAffinity(cookie, 'bank', () => 'a key of sixteen bytes')
  t.is(elsewhere.bound(request({ cookies: { pin: value } }), endpoints), undefined)
})

test('cookie: a target that has gone is no target, one that comes back is the same, and a new key is taken at once', (t) => {
  let key = 'a key of sixteen bytes'
  const affinity = createCookieAffinity({ ...cookie, ttl: 90_000, domain: 'example.com', secure: false, httpOnly: false, sameSite: 'strict', path: '/shop' }, 'shop', () => key)
  affinity.bound(request(), endpoints)
  const set = affinity.bind(request(), endpoints[0]!)!
  t.regex(set, /; Path=\/shop; Domain=example\.com; Max-Age=90; SameSite=Strict$/)
  const pinned = request({ cookies: { pin: valueOf(set) } })
  t.is(affinity.bound(pinned, endpoints.slice(1)), undefined)
  t.is(affinity.bound(pinned, [...endpoints]), endpoints[0])
  key = 'another key, as many bytes'
  t.is(affinity.bound(pinned, endpoints), undefined)
  t.not(affinity.bind(pinned, endpoints[0]!), undefined)
})

test('table: a client goes where the hash says and stays there, until it was away too long', (t) => {
  const clock = { time: 0, now: () => clock.time, wall: () => 0 }
  const table = new Map()
  const affinity = createTableAffinity({ by: 'header', name: 'x-session', idle: 1_000, onFailure: 'redistribute' }, table, clock)
  const balancer = createBalancer({ clock, random: Math.random, zone: undefined }, { balance: { kind: 'round-robin' }, slowStart: 0, failover: { overprovisioning: 1.4, panic: 0.5, zone: 'prefer' } }, endpoints, createHashRing(targets))
  const client = request({ headers: { 'x-session': 's1' } })
  t.is(affinity.bound(client, endpoints), undefined)
  const first = affinity.choose(client, balancer, [])!
  t.is(affinity.choose(client, balancer, []), first)
  const other = endpoints.find((endpoint) => endpoint !== first)!
  t.is(affinity.bind(client, other), undefined)
  clock.time = 900
  t.is(affinity.bound(client, endpoints), other)
  affinity.bind(client, other)
  clock.time = 1_800
  t.is(affinity.bound(client, endpoints), other)
  t.is(affinity.bound(client, endpoints.filter((endpoint) => endpoint !== other)), undefined)
  clock.time = 3_000
  t.is(affinity.bound(client, endpoints), undefined)
  t.is(table.size, 0)
  t.is(affinity.choose(request(), balancer, []), undefined)
})

test('table: addresses of one IPv6 network are one client, and memory is bounded', (t) => {
  const clock = { now: () => 0, wall: () => 0 }
  const table = new Map()
  const affinity = createTableAffinity({ by: 'client-address', idle: 1_000, onFailure: 'fail' }, table, clock)
  affinity.bind(request({ address: '2001:db8::1' }), endpoints[2]!)
  t.is(affinity.bound(request({ address: '2001:db8::2' }), endpoints), endpoints[2])
  for (let n = 0; n < 100_001; n++) affinity.bind(request({ address: `c${n}` }), endpoints[0]!)
  t.is(table.size, 100_000)
  t.is(affinity.bound(request({ address: '2001:db8::2' }), endpoints), undefined)
})
