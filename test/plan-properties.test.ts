import test from 'ava'
import fc from 'fast-check'
import { registry } from '../policies/registry.ts'
import { makePlan } from '../compiler/plan/make-plan.ts'
import type { Plan, PlanSide, Region } from '../compiler/plan/plan.ts'
import type { Side } from '../compiler/plan/side.ts'
import { buildAutomaton } from '../schema/automaton/build.ts'
import { encodeAutomaton } from '../schema/automaton/encode.ts'
import type { Bundle, BundleListener, BundlePolicy, BundleUpstream } from '../schema/bundle.ts'
import { printHost } from '../schema/host.ts'
import { normalizePath } from '../schema/normalize.ts'
import { isPathError, parsePath, printPath } from '../schema/path.ts'
import type { RouteMatch } from '../schema/resolved.ts'
import { fieldNames, listeners, requestArb, routeArb } from './support/matches.ts'
import { matchesPath, referenceMatch, type ReferenceRequest } from './reference-matcher.ts'

/** A route of a random gateway: its match, which of three upstreams it goes to, and which of four chains it has. */
interface RandomRoute { readonly match: RouteMatch, readonly upstream: number, readonly chain: number }
type RandomGateway = readonly RandomRoute[]

const about: PlanSide = { kind: 'file', ref: 'x', commit: null, dirty: false, bundle: null, semantic: null }
const pairs = Number(process.env['GWC_PLAN_PAIRS'] ?? 300)

const randomRoute: fc.Arbitrary<RandomRoute> = fc.record({ match: routeArb, upstream: fc.nat(2), chain: fc.nat(3) })

/** A gateway and an edited one: routes changed, dropped, added and put in another order. */
const pairArb: fc.Arbitrary<readonly [RandomGateway, RandomGateway]> = fc.tuple(
  fc.array(fc.record({ before: randomRoute, edit: fc.constantFrom('same', 'same', 'same', 'drop', 'upstream', 'chain', 'match'), other: randomRoute }), { maxLength: 8 }),
  fc.array(randomRoute, { maxLength: 2 }),
  fc.boolean()
).map(([routes, added, reversed]) => {
  const after = routes.flatMap(({ before, edit, other }) => edit === 'drop' ? [] : [{
    match: edit === 'match' ? other.match : before.match, upstream: edit === 'upstream' ? other.upstream : before.upstream, chain: edit === 'chain' ? other.chain : before.chain
  }])
  const all = [...after, ...added]
  return [routes.map(({ before }) => before), reversed && !tied(all) ? all.toReversed() : all] as const
})

function automatonOf (routes: RandomGateway) {
  const built = buildAutomaton(routes.map(({ match }) => match), listeners)
  if (built.overflow !== undefined) throw new Error(built.overflow.message)
  return built
}

function tied (routes: RandomGateway): boolean {
  return automatonOf(routes).analysis.ties().length > 0
}

const listenerOptions = (name: string, port: number, chain: number): BundleListener => ({
  name, protocol: 'http', address: '127.0.0.1', port, trustedProxies: [], tls: null, http2: true, proxyProtocol: false, redirect: null, chain,
  limits: { headBytes: 1024, headers: 10, bodyBytes: null, connections: null, connectionsPerAddress: null, streams: 1 }, timeouts: { head: 1, body: 1, idle: 1 }
})
const upstreamOptions = (name: string, port: number): BundleUpstream => ({
  name, protocol: 'http/1.1', targets: [{ scheme: 'http', host: '10.0.0.1', port, weight: 1, priority: 0, zone: null, drain: false }], balance: { kind: 'round-robin' }, hostHeader: 'client', upgrades: [],
  timeouts: { connect: 1, response: 1, idle: 1, total: 1 }, connections: { max: 1, pending: 1, requests: null, idle: 1 }, limits: { connections: null, pending: null, requests: null },
  tls: { verify: true, serverName: null, ca: null, certificate: null, key: null }, proxyProtocol: null, health: null, ejection: null,
  failover: { overprovisioning: 1, panic: 0, zone: 'ignore' }, slowStart: 0, affinity: null,
  retries: { max: 0, on: [], statuses: [], nonIdempotent: false, backoff: { base: 1, max: 1 }, budget: 0, minConcurrent: 0, buffer: 0 }, hedge: null, breaker: null
})
const policies: readonly BundlePolicy[] = [
  { id: 'key', name: 'api-key', version: 1, mode: 'enforce', options: { keys: [{ id: 'a', hash: { $secret: 'A' } }] } },
  { id: 'stamp', name: 'headers', version: 1, mode: 'enforce', options: { response: { set: { x: 'y' } } } }
]

function sideOf (routes: RandomGateway, prefix = 'r'): Side {
  const { automaton } = automatonOf(routes)
  const bundle: Bundle = {
    format: { major: 2, minor: 1 }, name: 'random', requires: [], revision: null, semanticDigest: '',
    listeners: [listenerOptions('one', 1, 0), listenerOptions('two', 2, 0)], tcpListeners: [],
    upstreams: [upstreamOptions('a', 1), upstreamOptions('b', 2), upstreamOptions('c', 3)], policies, chains: [[], [0], [1], [0, 1]],
    routes: routes.map(({ upstream, chain }, i) => ({ id: `${prefix}${i}`, upstream, chain, rewrite: null, params: [], timeout: null })),
    matches: routes.map(({ match }) => ({ ...match, hosts: match.hosts.map(printHost), path: printPath(match.path) })),
    automaton: encodeAutomaton(automaton), witnesses: [], secrets: [], origins: {}
  }
  return { bundle, digest: '', matches: routes.map(({ match }) => match) }
}

const planOf = (before: RandomGateway, after: RandomGateway, prefix = 'r'): Plan =>
  makePlan({ before: sideOf(before), after: sideOf(after, prefix), base: about, head: about, registry, version: '0' })

/** What becomes of a request, by the reference: all that can differ in these gateways. */
function outcome (routes: RandomGateway, request: ReferenceRequest): string {
  const route = routes[referenceMatch(routes.map(({ match }) => match), request)]
  return route === undefined ? 'none' : `${route.upstream} ${route.chain}`
}

function requestsOf (seeds: readonly ReferenceRequest[], routes: readonly RandomRoute[]): readonly ReferenceRequest[] {
  // Hosts, methods, paths and fields of different samples in all combinations that differ in two of them, and paths of the patterns' own texts.
  const paths = [...new Set([...seeds.map(({ path }) => path), ...routes.map(({ match }) => match.path.source.replace(/:p\d/g, 'a').replace(/\([^)]*\)/g, '').replace(/:rest\*|\*/g, 'b'))])]
  return seeds.flatMap((seed, i) => paths.flatMap((path, j) => [{ ...seed, path }, { ...seed, path, method: seeds[(i + j) % seeds.length]!.method, fields: seeds[(i * 7 + j) % seeds.length]!.fields }]))
    .filter(({ path, fields }) => normalizePath(path) === path && fieldNames.every(([kind, name]) => kind === 'query' || fields[kind](name) !== '😀'))
}

/** Whether a region as it is printed takes a request in: pattern, method, and what is left out of it. */
function covers ({ path, methods, hosts, minus }: Region, { path: asked, method, host }: ReferenceRequest): boolean {
  const pattern = (text: string): boolean => {
    const parsed = parsePath(text)
    return !isPathError(parsed) && matchesPath({ path: parsed }, asked)
  }
  const excluded = methods.filter((text) => text.startsWith('not ')).map((text) => text.slice(4))
  const inMethods = methods.length === 0 || (excluded.length === methods.length ? !excluded.includes(method) : methods.includes(method) || (method === 'HEAD' && methods.includes('GET')))
  const inHosts = hosts.some((text) => text === 'any host' || text === host || (text.startsWith('*.') && host.endsWith(text.slice(1))))
  const out = minus.some((text) => {
    const [, named, only, own, condition] = /^(?:([A-Z|]+) )?(?:([^/ ]\S*) )?(\/\S*)( with .*)?$/.exec(text) ?? []
    return own !== undefined && condition === undefined && only === undefined && (named === undefined || named.split('|').includes(method)) && pattern(own)
  })
  return path !== null && pattern(path) && inMethods && inHosts && !out
}

/** Whether a condition as a plan prints it holds. */
function conditionHolds (text: string, { fields, path }: ReferenceRequest): boolean {
  if (text.startsWith('path ')) {
    const pattern = parsePath(text.slice('path '.length))
    return !isPathError(pattern) && matchesPath({ path: pattern }, path)
  }
  const [, absent, kind, name, operator, operand = ''] = /^(no )?(header|query|cookie) (\S+)(?: ([=~]) (.*))?$/s.exec(text)!
  const value = fields[kind as 'header'](name!)
  if (absent !== undefined || value === undefined) return absent !== undefined && value === undefined
  return operator === undefined || (operator === '=' ? value === operand : new RegExp(`^(?:${operand})$`, 'u').test(value))
}

/** Whether a request is in a region, read as a person would: of hosts the longest that is named anywhere, everything that is said of fields, nothing of what is taken out. */
function within (region: Region, request: ReferenceRequest, routes: readonly RandomRoute[]): boolean {
  const { listener, host, method, path } = request
  // `GET` says nothing of `HEAD`.
  if (method === 'HEAD' && region.methods.includes('GET')) return false
  const named = [...new Set(routes.filter(({ match }) => match.listeners.includes(listener)).flatMap(({ match }) => match.hosts.map(printHost)))]
  const best = named.filter((text) => text === host || (text.startsWith('*.') && host.endsWith(text.slice(1)) && host.length > text.length - 1)).sort((a, b) => Number(a.startsWith('*')) - Number(b.startsWith('*')) || b.length - a.length)[0]
  const isOut = (text: string): boolean => {
    const [, methods, own, conditions] = /^(?:([A-Z|]+) )?(\/\S*)(?: with (.*))?$/s.exec(text)!
    const pattern = parsePath(own!)
    return (methods === undefined || methods.split('|').includes(method) || (method === 'HEAD' && methods.split('|').includes('GET'))) && !isPathError(pattern) && matchesPath({ path: pattern }, path) && (conditions === undefined || conditions.split(/ and (?=(?:no )?(?:header|query|cookie) )/).every((condition) => conditionHolds(condition, request)))
  }
  return (region.listeners.length === 0 || region.listeners.includes(['one', 'two'][listener]!)) && region.hosts.includes(best ?? 'any host') &&
    covers({ ...region, hosts: ['any host'], minus: [] }, request) && region.conditions.every((condition) => conditionHolds(condition, request)) && !region.minus.some(isOut)
}

test('nothing differs outside of what a plan reports, and all that it reports differs', (t) => {
  let compared = 0
  let changed = 0
  const result = fc.check(fc.property(pairArb, fc.array(requestArb, { minLength: 6, maxLength: 30, size: 'max' }), ([before, after], seeds) => {
    const plan = planOf(before, after)
    if (plan.summary.unknown > 0) throw new Error('small gateways are never unknown')
    const regions = plan.changes.flatMap((change) => change.regions)
    const { classes } = plan.summary
    if (classes.changed + classes.provedUnchanged !== classes.total || (classes.changed === 0) !== (plan.verdict === 'unchanged')) throw new Error('the counts do not add up')
    for (const request of requestsOf(seeds, [...before, ...after])) {
      compared++
      if (outcome(before, request) === outcome(after, request)) {
        const wrong = regions.find((region) => within(region, request, [...before, ...after]))
        if (wrong !== undefined) throw new Error(`${request.method} ${request.host} ${request.path} ${JSON.stringify(fieldNames.map(([kind, name]) => request.fields[kind](name) ?? null))} on ${request.listener} is treated alike, and in ${JSON.stringify({ ...wrong, witness: null })}`)
        continue
      }
      changed++
      const [was, is] = [before, after].map((routes) => referenceMatch(routes.map(({ match }) => match), request)) as [number, number]
      const found = regions.filter((region) => (region.before?.id ?? null) === (was < 0 ? null : `r${was}`) && (region.after?.id ?? null) === (is < 0 ? null : `r${is}`))
      const shown = `${request.method} ${request.host} ${request.path} ${JSON.stringify(fieldNames.map(([kind, name]) => request.fields[kind](name) ?? null))}`
      if (found.length === 0) throw new Error(`${shown} goes from ${was} to ${is}, and no region says so`)
      if (!found.some((region) => (request.method === 'HEAD' ? covers(region, request) : within(region, request, [...before, ...after])))) throw new Error(`${shown} is not in ${JSON.stringify(found.map(({ path, methods, hosts, minus }) => ({ path, methods, hosts, minus })))}`)
    }
    for (const { witness } of regions) {
      const { listener, host, method, path, headers, query, cookies } = witness!.request
      const request = { listener: listener === 'one' ? 0 : 1, host, method, path, fields: { header: (name: string) => headers[name], query: (name: string) => query[name], cookie: (name: string) => cookies[name] } }
      if (outcome(before, request) === outcome(after, request)) throw new Error(`the witness ${JSON.stringify(witness)} is treated alike`)
    }
  }), { numRuns: pairs })
  const [example] = result.counterexample ?? []
  const shown = example?.map((routes) => routes.map(({ match, ...rest }) => JSON.stringify({ ...match, ...rest, hosts: match.hosts.map(printHost), path: match.path.source })).join('\n')).join('\n---\n')
  t.false(result.failed, `${String(result.errorInstance)} (seed ${result.seed})\n${shown}`)
  t.true(compared > 100 * pairs && changed > pairs, `${compared} compared, ${changed} changed`)
})

test('order and names are no change; both directions find the same classes; what one step changes, one of two steps does', (t) => {
  fc.assert(fc.property(pairArb, fc.array(randomRoute, { maxLength: 3 }), ([before, after], more) => {
    fc.pre(!tied(before))
    const renamed = planOf(before, before.toReversed(), 'x')
    if (renamed.verdict !== 'unchanged') throw new Error('a renamed and reordered gateway is another')
    const there = planOf(before, after)
    const back = planOf(after, before)
    if (there.summary.classes.changed !== back.summary.classes.changed) throw new Error('there and back differ')
    const third = [...after, ...more]
    if (there.verdict === 'unchanged' && planOf(after, third).verdict === 'unchanged' && planOf(before, third).verdict !== 'unchanged') throw new Error('two steps without change make one')
  }), { numRuns: 150 })
  t.pass()
})

test('patterns that overlap in too many ways end in "unknown", not in a claim', (t) => {
  // Each pattern fixes one other position: 2 to the power of 16 states.
  const routes: RandomGateway = Array.from({ length: 16 }, (_, at) => {
    const path = parsePath(`/${Array.from({ length: 16 }, (_, i) => i === at ? 'x' : `:p${i}`).join('/')}`)
    if (isPathError(path)) throw new Error(path.message)
    return { match: { listeners: [0], hosts: [], methods: [], path, conditions: [], priority: 16 - at }, upstream: 0, chain: 0 }
  })
  const few = routes.slice(0, 4)
  const edited = few.map((route, i) => i === 0 ? { ...route, upstream: 1 } : route)
  const make = (budget: number): Plan => makePlan({ before: sideOf(few), after: sideOf(edited), base: about, head: about, registry, version: '0', budget: { states: budget } })
  t.is(make(10).verdict, 'unknown')
  t.is(make(10).changes[0]?.kind, 'unknown')
  t.regex(make(10).changes[0]?.reason ?? '', /overlap in too many ways/)
  t.is(make(10_000).verdict, 'changed')
})
