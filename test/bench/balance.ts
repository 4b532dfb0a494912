import type { ResolvedBalance } from '../../schema/resolved.ts'
import { createBalancer } from '../../runtime/balance/balancer.ts'
import type { BalanceRequest } from '../../runtime/balance/hash-key.ts'
import { createHashRing } from '../../runtime/balance/hash-ring.ts'
import { Endpoint, endpointId } from '../../runtime/upstream/endpoint.ts'
import type { Pool } from '../../runtime/upstream/pool.ts'
import { targetOptions } from '../support/upstream-options.ts'
import { median } from './median.ts'
import type { BenchRow } from './row.ts'

const byAddress = { kind: 'hash', by: { kind: 'client-address' }, maxLoad: null } as const
const balances: readonly (readonly [name: string, balance: ResolvedBalance])[] = [
  ['round-robin', { kind: 'round-robin' }], ['least-connections', { kind: 'least-connections' }], ['random-two', { kind: 'random-two' }],
  ['latency', { kind: 'latency' }], ['hash', byAddress], ['hash, maxLoad 1.25', { ...byAddress, maxLoad: 1.25 }]
]
const addresses = Array.from({ length: 4_096 }, (_, n) => `10.${n >> 8}.${n & 255}.7`)

function nothing (): undefined { return undefined }

/** Nanoseconds of one choice and of its accounting, with three requests a target under way. */
function pickCost (balance: ResolvedBalance, count: number, picks: number): number {
  const targets = Array.from({ length: count }, (_, n) => targetOptions({ port: 1_000 + n, weight: 1 + n % 3 }))
  const endpoints = targets.map((target) => new Endpoint(endpointId(target), {} as Pool, target, Infinity))
  for (const [n, endpoint] of endpoints.entries()) endpoint.answered(5 + n % 11, 0)
  const now = (): number => performance.now()
  const balancer = createBalancer(
    { clock: { now, wall: now }, random: Math.random, zone: undefined },
    { balance, slowStart: 0, failover: { overprovisioning: 1.4, panic: 0.5, zone: 'prefer' } },
    endpoints, balance.kind === 'hash' ? createHashRing(targets) : undefined
  )
  const request = { clientAddress: '', header: nothing, query: nothing, cookie: nothing, param: nothing } satisfies BalanceRequest
  const underWay: Endpoint[] = []
  const start = performance.now()
  for (let n = 0; n < picks; n++) {
    request.clientAddress = addresses[n & 4_095]!
    const endpoint = balancer.pick(request, [])!
    endpoint.active++
    const place = n % (count * 3)
    const answered = underWay[place]
    if (answered !== undefined) answered.active--
    underWay[place] = endpoint
  }
  return (performance.now() - start) * 1e6 / picks
}

/** `npm run bench -- balance`: what choosing a target costs. */
export async function benchBalance ({ quick }: { readonly quick: boolean }): Promise<readonly BenchRow[]> {
  const picks = quick ? 100_000 : 1_000_000
  return balances.flatMap(([subject, balance]) => [3, 10, 100].map((count): BenchRow => {
    const samples = Array.from({ length: quick ? 3 : 7 }, () => pickCost(balance, count, picks))
    return { bench: 'balance', scenario: `${count} targets`, subject, metric: 'choice', value: median(samples), unit: 'ns' }
  }))
}
