import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import fc from 'fast-check'
import { QueryError, parseQuery } from '../compiler/query/parse.ts'
import { runQuery } from '../compiler/query/query.ts'
import { parseHost } from '../schema/host.ts'
import { normalizePath } from '../schema/normalize.ts'
import { parsePath } from '../schema/path.ts'
import type { PathPattern } from '../schema/path.ts'
import type { Resolved, RouteMatch } from '../schema/resolved.ts'
import { isHost } from '../compiler/query/probes.ts'
import { matchesPath, referenceMatch } from './reference-matcher.ts'
import type { ReferenceRequest } from './reference-matcher.ts'
import { fieldNames, listeners, requestArb, routeArb, values } from './support/matches.ts'
import { runGwc } from './support/gwc.ts'

const bank = fileURLToPath(new URL('../../fixtures/bank', import.meta.url))

test('what cannot be read says where', (t) => {
  const wrong = (text: string): string => {
    const error = t.throws(() => parseQuery(text), { instanceOf: QueryError })!
    return `${error.at}: ${error.message}`
  }
  t.is(wrong(''), '0: a condition is missing at the end')
  t.is(wrong('pth = /a'), "0: there is no 'pth'; did you mean 'path'?")
  t.is(wrong('method under GET'), "7: 'method' is compared with =, !=, not with 'under'")
  t.is(wrong('authenticated limited'), "14: 'and' or 'or' is missing before 'limited'")
  t.is(wrong('not (path = /a'), '4: this parenthesis is not closed')
  t.is(wrong('path ='), "6: a value after 'path =' is missing at the end")
  t.is(wrong('header:x > 1'), "9: 'header:x' is compared with =, !=, not with '>'")
  t.is(wrong("limited or header:'x y'"), "11: '' is not the name of a header")
  t.is(wrong('cookie:c ='), "10: a value after 'cookie:c =' is missing at the end")
  t.is(wrong('route = "open'), '8: this is neither a word nor a closed quote')
})

test('not, and, or bind in this order', (t) => {
  const word = (name: string) => ({ kind: 'word', word: name })
  t.like(parseQuery('not authenticated and limited or refused'), { kind: 'or', of: [{ kind: 'and', of: [{ kind: 'not', of: word('authenticated') }, word('limited')] }, word('refused')] })
})

test('names of fields: headers in any case, presence without a value', (t) => {
  t.deepEqual(parseQuery("header:X-Tier != 'gold plus' and cookie:session"), {
    kind: 'and',
    of: [
      { kind: 'field', of: 'header', name: 'x-tier', operator: '!=', value: 'gold plus', at: 0 },
      { kind: 'field', of: 'cookie', name: 'session', operator: '=', value: undefined, at: 33 }
    ]
  })
})

const patterns = ['/a', '/a/*', '/:p/b', '/:p(a|b)/*', '/*', '/ab', '/12']
const hosts = ['a.com', 'b.a.com', '*.a.com']
/** A condition as text, and whether it holds for a request. */
const conditionArb: fc.Arbitrary<{ readonly text: string, holds (request: ReferenceRequest, path: string): boolean }> = fc.oneof(
  fc.constantFrom(...patterns).map((pattern) => ({ text: `path = '${pattern}'`, holds: (_request: ReferenceRequest, path: string) => matchesPath({ path: parsePath(pattern) as PathPattern }, path) })),
  fc.constantFrom('/a', '/ab').map((prefix) => ({ text: `path under ${prefix}`, holds: (_request: ReferenceRequest, path: string) => path === prefix || matchesPath({ path: parsePath(`${prefix}/*`) as PathPattern }, path) })),
  fc.constantFrom('GET', 'POST', 'PURGE').map((method) => ({ text: `method = ${method}`, holds: (request: ReferenceRequest) => request.method === method })),
  fc.tuple(fc.constantFrom(...hosts), fc.boolean()).map(([name, under]) => ({
    text: `host ${under && !name.startsWith('*') ? 'under' : '='} ${name}`, holds: (request: ReferenceRequest) => isHost(request.host, parseHost(name) as Exclude<ReturnType<typeof parseHost>, string>, under)
  })),
  fc.tuple(fc.constantFrom(...fieldNames), fc.constantFrom(undefined, ...values.filter((value) => value !== '😀')), fc.boolean()).map(([[kind, name], value, differs]) => ({
    text: `${kind}:${name}${value === undefined ? '' : ` ${differs ? '!=' : '='} '${value}'`}`,
    holds: ({ fields }: ReferenceRequest) => (value === undefined ? fields[kind](name) !== undefined : (fields[kind](name) === value) !== differs)
  }))
)
/** Two conditions, each perhaps denied, joined. */
const expressionArb = fc.tuple(conditionArb, fc.boolean(), conditionArb, fc.boolean(), fc.boolean()).map(([a, notA, b, notB, both]) => ({
  text: `${notA ? 'not ' : ''}${a.text} ${both ? 'and' : 'or'} ${notB ? 'not ' : ''}${b.text}`,
  holds: (request: ReferenceRequest, path: string) => {
    const [first, second] = [a.holds(request, path) !== notA, b.holds(request, path) !== notB]
    return both ? first && second : first || second
  }
}))

const gatewayOf = (matches: readonly RouteMatch[]): Resolved => ({
  listeners: Array.from({ length: listeners }, (_, index) => ({ name: `l${index}`, redirect: null, policies: [] })),
  routes: matches.map((match, index) => ({ id: `r${index}`, match, policies: [], action: { upstream: 0 } })), upstreams: [{ name: 'u', policies: [] }]
}) as unknown as Resolved

test('a query finds the routes of all requests for which it holds, and its requests are such', (t) => {
  fc.assert(fc.property(fc.array(routeArb, { minLength: 1, maxLength: 6 }), expressionArb, fc.array(requestArb, { minLength: 40, maxLength: 40 }), (matches, { text, holds }, requests) => {
    const { matches: found, unknown } = runQuery(gatewayOf(matches), parseQuery(text))
    if (unknown.length > 0) return
    for (const { route, listener, request } of found) {
      const { path } = request
      const asked: ReferenceRequest = { ...request, listener: Number(listener.slice(1)), fields: { header: (name) => request.headers[name], query: (name) => request.query[name], cookie: (name) => request.cookies[name] } }
      if (!holds(asked, path)) throw new Error(`${text} found ${JSON.stringify(request)}`)
      if (referenceMatch(matches, asked) !== route && !isTied(matches, asked, route!)) throw new Error(`${text} found ${JSON.stringify(request)} for ${route}`)
    }
    for (const request of requests) {
      const path = normalizePath(request.path)
      if (typeof path !== 'string' || path !== request.path || request.method === '' || request.host === '' || request.host.startsWith('.') || fieldNames.some(([kind, name]) => kind !== 'query' && request.fields[kind](name) === '😀')) continue
      const winner = referenceMatch(matches, request)
      if (winner < 0 || !holds(request, path)) continue
      if (!found.some(({ route, listener }) => listener === `l${request.listener}` && (route === winner || isTied(matches, request, route!)))) throw new Error(`${text} misses ${JSON.stringify(request)} of route ${winner}`)
    }
  }), { numRuns: 400 })
  t.pass()
})

/** Of routes of equal precedence either may win. */
function isTied (matches: readonly RouteMatch[], request: ReferenceRequest, route: number): boolean {
  const winner = referenceMatch(matches, request)
  return winner >= 0 && winner !== route && referenceMatch(matches.map((match, index) => (index === winner ? matches[route]! : index === route ? matches[winner]! : match)), request) === winner
}

test('gwc query: routes with a request of each, expectations as exit codes, wrong names', async (t) => {
  const gwc = (...args: string[]) => runGwc(['query', '--no-types', ...args], bank)
  const open = await gwc('not authenticated and host = *.branches.bank.example')
  t.is(open.code, 0)
  t.is(open.text, `GET *.branches.bank.example/opening-hours ${join('routes', 'partners.ts')}:19  2 classes
  GET http://any.branches.bank.example/opening-hours  on public

2 of 42 classes of requests
`)
  t.is((await gwc('not authenticated and path under /v1/accounts', '--expect', 'none')).code, 0)
  t.is((await gwc('not authenticated', '--expect', 'none')).code, 5)
  t.is((await gwc('policy = rate-limit and not limited', '--expect', 'some')).code, 5)
  const wrong = await gwc('upstream = acounts')
  t.is(wrong.code, 64)
  t.regex(wrong.text, /there is no upstream 'acounts'; did you mean 'accounts'\?\n {2}upstream = acounts\n {13}\^/)
  const told = JSON.parse((await gwc("refused and path = '/v1/accounts' and method = PUT", '--format', 'json')).text) as { matches: { outcome: string }[] }
  t.deepEqual([...new Set(told.matches.map(({ outcome }) => outcome))].sort(), ['method-not-allowed', 'no-route'])
})
