import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { compile } from '../compiler/compile.ts'
import { differenceOf } from '../compiler/fix/neutral.ts'
import { makePlan } from '../compiler/plan/make-plan.ts'
import type { Plan, PlanSide } from '../compiler/plan/plan.ts'
import { sideOf } from '../compiler/plan/side.ts'
import type { Side } from '../compiler/plan/side.ts'
import { regionText } from '../compiler/render/region-text.ts'
import { planText } from '../compiler/render/plan-text.ts'
import { registry } from '../policies/registry.ts'
import { canonicalJson, digest } from '../schema/canonical.ts'

/* What comparing gateways usually gets wrong, one test each. Configs are documents: short, and compiled for real. */

const about: PlanSide = { kind: 'file', ref: 'x', commit: null, dirty: false, bundle: null, semantic: null }
const folder = mkdtempSync(join(tmpdir(), 'gwc-pitfalls-'))
test.after.always(() => { rmSync(folder, { recursive: true, force: true }) })
let number = 0

interface RouteDocument { readonly match: string, readonly name?: string, readonly to?: string, readonly host?: string, readonly when?: object, readonly policies?: readonly object[], readonly priority?: number, readonly rewrite?: string }
interface Changed { readonly upstreams?: object, readonly listeners?: object }

async function gateway (routes: readonly RouteDocument[], { upstreams, listeners }: Changed = {}): Promise<Side> {
  const cwd = join(folder, String(number++))
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'gateway.config.json'), JSON.stringify({
    listeners: listeners ?? { public: { port: 8080 } },
    upstreams: upstreams ?? { a: { targets: ['http://10.0.0.1:80'] }, b: { targets: ['http://10.0.0.2:80'] } },
    routes: routes.map((route) => ({ to: 'a', ...route }))
  }))
  const { bundle, diagnostics } = await compile({ cwd, env: {}, sequence: 1 }, 'emit')
  if (bundle === undefined) throw new Error(diagnostics.map(({ message }) => message).join('; '))
  const side = sideOf({ bundle, digest: digest(canonicalJson(bundle)) })
  if (typeof side === 'string') throw new Error(side)
  return side
}

const planOf = (before: Side, after: Side): Plan => makePlan({ before, after, base: about, head: about, registry, version: '0' })
const told = ({ changes }: Plan): string[] => changes.flatMap(({ codes, facets, regions }) => regions.map((region) => `${codes.join(',') || facets.map(({ facet }) => facet).join(',')}: ${regionText(region)}`))
const key = { 'api-key': { keys: [{ id: 'k', hash: { $secret: 'K' } }] } }

async function unchanged (t: ExecutionContext, before: Side, after: Side, why: string): Promise<void> {
  const plan = planOf(before, after)
  t.deepEqual(told(plan), [], why)
  t.is(plan.verdict, 'unchanged')
}

test('1: paths are compared as they are matched, normalised; another spelling of a pattern is no change', async (t) => {
  await unchanged(t, await gateway([{ match: '/caf%C3%A9/%7Euser' }]), await gateway([{ match: '/café/~user' }]), 'one pattern in two spellings')
})

test('3: HEAD goes along with GET, and methods that no route names are a class of their own', async (t) => {
  t.deepEqual(told(planOf(await gateway([{ match: 'GET /x' }]), await gateway([{ match: 'GET /x', to: 'b' }]))), ['upstream: GET any host /x'])
  t.deepEqual(told(planOf(await gateway([{ match: 'GET|POST /x' }]), await gateway([{ match: '/x' }]))), ['W01: ANY but GET, HEAD, POST any host /x'])
  t.deepEqual(told(planOf(await gateway([{ match: 'GET /x' }]), await gateway([{ match: 'GET /x' }, { match: 'HEAD /x', to: 'b' }]))), ['upstream: HEAD any host /x'])
})

test('4: the order of routes is no part of what they do', async (t) => {
  const routes = [{ match: '/a/:x', name: 'one' }, { match: '/a/b', name: 'two', to: 'b' }, { match: 'GET /a/b', name: 'three', policies: [key] }, { match: '/*', name: 'four' }]
  await unchanged(t, await gateway(routes), await gateway(routes.toReversed()), 'other order')
})

test('5: hosts do not fall through: a host that is named loses the routes of its wildcard', async (t) => {
  const wide = { match: 'GET /*', host: '*.example.com', name: 'wide' }
  const plan = planOf(await gateway([wide]), await gateway([wide, { match: 'GET /a', host: 'a.example.com', name: 'own' }]))
  t.deepEqual(told(plan), ['B01: GET a.example.com /* (minus /a)'])
})

test('6 and 7: expressions are whole languages; classes that no request is in are no finding', async (t) => {
  await unchanged(t, await gateway([{ match: '/:id(\\d+)' }]), await gateway([{ match: '/:id([0-9]{1,})' }]), 'the same language in other words')
  // What both expressions match does not exist.
  await unchanged(t, await gateway([{ match: '/:id([a-f]+)' }, { match: '/:n(\\d+)', to: 'b' }]), await gateway([{ match: '/:n(\\d+)', to: 'b' }, { match: '/:id([a-f]+)' }]), 'two that never meet')
})

test('9: another name of an upstream is no change; another target under the same name is one on every route', async (t) => {
  const routes = (to: string) => [{ match: '/x', to, name: 'x' }, { match: '/y', to, name: 'y' }]
  const before = await gateway(routes('users'), { upstreams: { users: { targets: ['http://10.0.0.1:80', 'http://10.0.0.2:80'] } } })
  await unchanged(t, before, await gateway(routes('people'), { upstreams: { people: { targets: ['http://10.0.0.2:80', 'http://10.0.0.1:80'] } } }), 'renamed, targets in another order')
  t.deepEqual(told(planOf(before, await gateway(routes('users'), { upstreams: { users: { targets: ['http://10.0.0.1:80', 'http://10.0.0.3:80'] } } }))), ['upstream: ANY any host /x', 'upstream: ANY any host /y'])
})

test('owners are told with their changes, and change no request; servers of another owner are', async (t) => {
  const upstreams = (owner: string) => ({ a: { targets: ['http://10.0.0.1:80'], owner }, b: { targets: ['http://10.0.0.2:80'], owner: 'billing' } })
  const routes = (to: string) => [{ match: '/x', name: 'x', to }, { match: '/y', name: 'y', owner: 'shop' }]
  const before = await gateway(routes('a'), { upstreams: upstreams('orders') })
  const renamed = await gateway(routes('a'), { upstreams: upstreams('@shop/orders') })
  await unchanged(t, before, renamed, 'another owner')
  t.is(before.bundle.semanticDigest, renamed.bundle.semanticDigest)
  const moved = planOf(before, await gateway(routes('b'), { upstreams: upstreams('orders') }))
  t.deepEqual(moved.changes.map(({ codes, owners }) => ({ codes, owners })), [{ codes: ['W12'], owners: ['billing', 'orders'] }])
})

test('a plan says when most requests or routes are touched at once', async (t) => {
  const many = (length: number, to = 'a') => gateway(Array.from({ length }, (_, i) => ({ match: `GET /r${i}/:id`, name: `r${i}`, to })))
  const before = await many(20)
  t.is(planOf(before, await many(19)).notes, undefined)
  t.deepEqual(planOf(before, await many(3)).notes?.map(({ code }) => code), ['route-collapse', 'mass-change'])
  const moved = planOf(before, await many(20, 'b'))
  t.deepEqual(moved.notes?.map(({ code }) => code), ['mass-change'])
  t.regex(planText(moved, { color: false }), /NOTE ─ mass-change: 100 % of the classes of requests that had a route are treated otherwise; is that meant\?/)
})

test('10: secrets are compared by name: a plan never sees a value', async (t) => {
  const keyed = (name: string) => [{ match: '/x', policies: [{ 'api-key': { keys: [{ id: 'k', hash: { $secret: name } }] } }] }]
  const plan = planOf(await gateway(keyed('OLD')), await gateway(keyed('NEW')))
  t.deepEqual(told(plan), ['W16: ANY any host /x'])
  t.regex(planText(plan, { color: false }), /secret OLD.*secret NEW/)
})

test('11: weights are compared as weights', async (t) => {
  const weighted = (weight: number) => gateway([{ match: '/x' }], { upstreams: { a: { targets: [{ url: 'http://10.0.0.1:80', weight: 90 }, { url: 'http://10.0.0.2:80', weight }] } } })
  const plan = planOf(await weighted(10), await weighted(20))
  t.deepEqual(told(plan), ['upstream: ANY any host /x'])
  t.regex(plan.changes[0]!.facets[0]!.after, /weight 90.*weight 20/)
  await unchanged(t, await weighted(10), await weighted(10), 'the same')
})

test('12: conditions on fields split classes, and a value that a condition names is in the witness', async (t) => {
  const routes = (test: object | string) => [{ match: '/x', name: 'plain' }, { match: '/x', name: 'beta', to: 'b', when: { headers: { 'x-beta': test } } }]
  const plan = planOf(await gateway(routes('1')), await gateway(routes({ regex: '[12]' })))
  t.deepEqual(told(plan), ['upstream: ANY any host /x, with header x-beta ~ [12] (minus /x with header x-beta = 1)'])
  t.is(plan.changes[0]!.regions[0]!.witness!.request.headers['x-beta'], '2', 'not 1, which is treated alike')
})

test('13: one broad change is told once, however many classes it touches', async (t) => {
  const many = Array.from({ length: 60 }, (_, i) => ({ match: `/r${i}/:id`, name: `r${i}` }))
  const before = await gateway(many)
  const after = await gateway(many, { upstreams: { a: { targets: ['http://10.0.0.9:80'] }, b: { targets: ['http://10.0.0.2:80'] } } })
  const plan = planOf(before, after)
  t.is(plan.changes.length, 1)
  t.is(plan.changes[0]!.regions.length, 60)
  t.regex(planText(plan, { color: false }), /… 55 more regions; --all shows them/)
})

test('14: an outcome that cannot be told is never called unchanged', async (t) => {
  const conditions = (to: string) => Array.from({ length: 3 }, (_, i) => ({ match: `/:a${i}/x${i}/*`, name: `r${i}`, to, priority: i }))
  const plan = makePlan({ before: await gateway(conditions('a')), after: await gateway(conditions('a')), base: about, head: about, registry, version: '0', budget: { states: 1 } })
  t.is(plan.verdict, 'unknown')
  t.notRegex(planText(plan, { color: false }), /NO REQUEST IS AFFECTED/)
})

test('a listener that only has another name is the same to clients; one that goes takes its routes with it', async (t) => {
  const routes = [{ match: '/x' }]
  const before = await gateway(routes, { listeners: { public: { port: 8080 }, inside: { port: 9090 } } })
  await unchanged(t, before, await gateway(routes, { listeners: { outside: { port: 8080 }, inside: { port: 9090 } } }), 'renamed')
  t.deepEqual(told(planOf(before, await gateway(routes, { listeners: { public: { port: 8080 } } }))), ['B01: ANY any host /x, on listener inside'])
})

test('two limits in place of one are more, one in place of two is less, and a renamed one is the same', async (t) => {
  const limit = (id: string) => ({ 'rate-limit': { limit: 10, window: '1s', id } })
  const routes = (a: string, b: string) => gateway([{ match: '/x', name: 'x', policies: [limit(a)] }, { match: '/y', name: 'y', policies: [limit(b)] }])
  const one = await routes('one', 'one')
  const two = await routes('one', 'two')
  t.deepEqual(told(planOf(one, two)), ['W05: ANY any host /x', 'W05: ANY any host /y'])
  t.deepEqual(told(planOf(two, one)), ['B04: ANY any host /x', 'B04: ANY any host /y'])
  await unchanged(t, one, await routes('another', 'another'), 'renamed')
})

test('what a region leaves out is named once, however its parameters were called before', async (t) => {
  const routes = (name: string, to: string) => gateway([{ match: `GET /orders/:${name}`, name: 'x' }, { match: '/*', name: 'all', to }])
  t.deepEqual(told(planOf(await routes('id', 'a'), await routes('order', 'b'))), ['upstream: ANY any host /* (minus GET /orders/:order)'])
})

test('a path parameter that policies name may be renamed; another one in its place is a change', async (t) => {
  const routes = (path: string, name: string) => gateway([{
    match: path, name: 'x', policies: [{ 'rate-limit': { limit: 10, window: '1s', by: `param:${name}` } }, { headers: { request: { set: { 'x-who': `{{${name}} {${name}} of {request.path}` } } } }]
  }])
  const before = await routes('/:group/:user', 'user')
  const renamed = await routes('/:group/:member', 'member')
  const other = await gateway([{ match: '/:user/:group', name: 'x', policies: [{ 'rate-limit': { limit: 10, window: '1s', by: 'param:user' } }] }])
  const plain = await gateway([{ match: '/:group/:user', name: 'x', policies: [{ 'rate-limit': { limit: 10, window: '1s', by: 'param:user' } }] }])
  t.is(planOf(plain, other).changes.flatMap(({ facets }) => facets).map(({ before, after }) => `${before} → ${after}`).join(), '{ by: param:segment 2 } → { by: param:segment 1 }')
  // What stands behind a literal brace is text, and another text.
  t.deepEqual(planOf(before, renamed).changes.flatMap(({ facets }) => facets).map(({ facet }) => facet), ['headers'])
  await unchanged(t, plain, await gateway([{ match: '/:group/:member', name: 'x', policies: [{ 'rate-limit': { limit: 10, window: '1s', by: 'param:member' } }] }]), 'renamed')
  const filled = (name: string) => gateway([{ match: `/:group/:${name}`, name: 'x', policies: [{ headers: { response: { append: { 'x-who': `${name.length > 0 ? '{{literal} ' : ''}{${name}}` } } } }] }])
  await unchanged(t, await filled('user'), await filled('member'), 'renamed in a header')
})

test('a fix is safe where the plan of it is empty', async (t) => {
  const before = await gateway([{ match: '/x', name: 'x' }])
  const same = await gateway([{ match: '/x', name: 'y' }], { upstreams: { a: { targets: ['http://10.0.0.1:80'] } } })
  const other = await gateway([{ match: 'GET /x', name: 'x' }])
  t.is(differenceOf(before.bundle, same.bundle), undefined)
  t.is(differenceOf(before.bundle, other.bundle), 'it would change ANY but GET, HEAD any host /x')
})
