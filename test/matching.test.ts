import test from 'ava'
import fc from 'fast-check'
import type { Analysis, Witness } from '../schema/automaton/analysis.ts'
import type { Automaton } from '../schema/automaton/automaton.ts'
import { buildAutomaton } from '../schema/automaton/build.ts'
import { decodeAutomaton, encodeAutomaton } from '../schema/automaton/encode.ts'
import { createMatcher } from '../schema/automaton/match.ts'
import type { Fields } from '../schema/exchange.ts'
import { printHost } from '../schema/host.ts'
import { normalizePath } from '../schema/normalize.ts'
import { isPathError, parsePath, type PathPattern } from '../schema/path.ts'
import type { FieldCondition, FieldKind, RouteMatch } from '../schema/resolved.ts'
import { fieldNames, host, listeners, requestArb, routeArb } from './support/matches.ts'
import { compareKeys, precedence, referenceMatch, referenceMatches, type ReferenceRequest } from './reference-matcher.ts'

/** Like `fc.assert`, with a counterexample that can be read. */
function holdsFor (arbitrary: fc.Arbitrary<readonly [readonly RouteMatch[], readonly ReferenceRequest[]]>, numRuns: number, check: (routes: readonly RouteMatch[], requests: readonly ReferenceRequest[]) => void): string | undefined {
  const result = fc.check(fc.property(arbitrary, ([routes, requests]) => check(routes, requests)), { numRuns })
  if (!result.failed) return undefined
  const [routes, requests] = result.counterexample?.[0] ?? [[], []]
  return [
    `${String(result.errorInstance)} (seed ${result.seed}, path ${result.counterexamplePath?.slice(0, 80)})`,
    ...routes.map((route, i) => `${i}: ${JSON.stringify({ ...route, hosts: route.hosts.map(printHost), path: route.path.source })}`),
    ...requests.slice(0, 3).map((request) => JSON.stringify({ ...request, fields: fieldNames.map(([kind, name]) => request.fields[kind](name) ?? null) }))
  ].join('\n').slice(0, 4000)
}

function checkPositions ({ segments }: PathPattern, path: string, positions: Int32Array): void {
  const texts = path.split('/').slice(1)
  for (const [i, segment] of segments.entries()) {
    if (segment.kind === 'static') continue
    const start = 1 + texts.slice(0, i).reduce((length, text) => length + text.length + 1, 0)
    const right = positions[2 * i] === start && (segment.kind === 'rest' || positions[2 * i + 1] === start + texts[i]!.length)
    if (!right) throw new Error(`segment ${i} of ${path} is said to stand at ${positions[2 * i]} to ${positions[2 * i + 1]}`)
  }
}

const build = (routes: readonly RouteMatch[]): { readonly automaton: Automaton, readonly analysis: Analysis } => {
  const built = buildAutomaton(routes, listeners)
  if (built.overflow !== undefined) throw new Error(built.overflow.message)
  return built
}

test('the automaton answers as the reference does', (t) => {
  let pairs = 0
  const failure = holdsFor(fc.tuple(fc.array(routeArb, { maxLength: 9 }), fc.array(requestArb, { minLength: 1, maxLength: 120, size: 'max' })), 2000, (routes, requests) => {
    const { automaton } = build(routes)
    const matcher = createMatcher(decodeAutomaton(encodeAutomaton(automaton)))
    for (const request of requests) {
      pairs++
      const expected = referenceMatch(routes, request)
      const found = matcher.matchString(request.listener, request.host, request.method, request.path, request.fields)
      if (found !== expected) throw new Error(`${request.method} ${request.path}: ${found} instead of ${expected}`)
      if (found >= 0) checkPositions(routes[found]!.path, request.path, matcher.segments)
      const bytes = Buffer.from(`..${request.path}?`)
      if (matcher.match(request.listener, request.host, request.method, bytes, 2, bytes.length - 1, request.fields) !== expected) throw new Error(`${request.path} inside a buffer`)
    }
  })
  t.is(failure, undefined, failure)
  t.true(pairs >= 100_000, `${pairs} pairs`)
})

const requestOf = ({ listener, host: name, method, path, headers, query, cookies }: Witness): ReferenceRequest =>
  ({ listener, host: name, method, path, fields: { header: (key) => headers[key], query: (key) => query[key], cookie: (key) => cookies[key] } })

test('every claim of the analysis holds on matcher and reference, and none is missing', (t) => {
  const failure = holdsFor(fc.tuple(fc.array(routeArb, { maxLength: 9 }), fc.array(requestArb, { minLength: 1, maxLength: 60, size: 'max' })), 600, (routes, requests) => {
    const { automaton, analysis } = build(routes)
    const matcher = createMatcher(automaton)
    const winner = (request: ReferenceRequest): number => matcher.matchString(request.listener, request.host, request.method, request.path, request.fields)
    const claim = (holds: boolean, what: string): void => { if (!holds) throw new Error(what) }
    const wins = (witness: Witness, expected: number, what: string): void => {
      const request = requestOf(witness)
      claim(normalizePath(witness.path) === witness.path, `${what}: ${witness.path} is not normal`)
      claim(winner(request) === expected && referenceMatch(routes, request) === expected, `${what}: ${JSON.stringify(witness)} is won by ${winner(request)}, not ${expected}`)
    }
    // What can arrive: a normalised path, and in headers no characters beyond one byte.
    const possible = requests.filter(({ path, fields }) => normalizePath(path) === path && fieldNames.every(([kind, name]) => kind === 'query' || fields[kind](name) !== '😀'))

    const unreachable = new Map(analysis.unreachable().map(({ route, blockers }) => [route, blockers]))
    for (const route of routes.keys()) {
      const witness = analysis.witnessFor(route)
      claim((witness === undefined) === unreachable.has(route), `${route} is unreachable or has a witness`)
      if (witness !== undefined) wins(witness, route, `witness for ${route}`)
      for (const blocker of unreachable.get(route) ?? []) {
        wins(blocker.witness, blocker.route, `blocker of ${route}`)
        claim(referenceMatches(routes, requestOf(blocker.witness)).includes(route), `${route} matches what ${blocker.route} takes from it`)
      }
    }
    const classes = new Map<string, number>()
    for (const { witness, winner: expected, listener, key } of analysis.classes()) {
      claim(witness.listener === listener, 'a class has one listener')
      const { fields } = requestOf(witness)
      claim(analysis.classOf(listener, witness.host, witness.method, witness.path, fields) === key, `${JSON.stringify(witness)} is not in its own class`)
      wins(witness, expected, 'class')
      claim(!classes.has(key), `two classes are ${key}`)
      classes.set(key, expected)
    }
    for (const request of possible) {
      const { listener, host: name, method, path, fields } = request
      claim(classes.get(analysis.classOf(listener, name, method, path, fields)) === winner(request), `${method} ${name} ${path} is in a class with another winner`)
      claim(analysis.winnerOf(listener, name, method, path, fields) === winner(request), `${method} ${name} ${path} has another winner in the analysis`)
    }
    for (const { winner: taken, loser, witness } of analysis.overlaps()) {
      wins(witness, taken, 'overlap')
      claim(referenceMatches(routes, requestOf(witness)).includes(loser), `${loser} would take ${JSON.stringify(witness)}`)
    }
    const ties = new Set(analysis.ties().map(({ routes: pair }) => pair.join()))
    const topOf = (request: ReferenceRequest): number[] => {
      const keyOf = (route: number): readonly number[] => precedence(routes[route]!, request.method)
      const top = referenceMatch(routes, request)
      return top < 0 ? [] : referenceMatches(routes, request).filter((route) => compareKeys(keyOf(route), keyOf(top)) === 0)
    }
    for (const { routes: pair, witness } of analysis.ties()) claim(pair.every((route) => topOf(requestOf(witness)).includes(route)), `tie ${pair.join()} on ${JSON.stringify(witness)}`)
    for (const request of possible) {
      const matching = referenceMatches(routes, request)
      for (const route of matching) {
        const blockers = unreachable.get(route)
        claim(blockers === undefined || blockers.some((blocker) => blocker.route === winner(request)), `${winner(request)} is not named as blocker of ${route}`)
      }
      const top = topOf(request)
      for (const [i, a] of top.entries()) for (const b of top.slice(i + 1)) claim(ties.has(`${a},${b}`), `tie ${a},${b} is not named`)
    }
  })
  t.is(failure, undefined, failure)
})

interface Sketch { readonly match: string, readonly host?: string, readonly headers?: Readonly<Record<string, string>>, readonly query?: Readonly<Record<string, string>>, readonly priority?: number }

/** Routes as a person would write them: `GET|HEAD /path`, header and query values to be equal. */
function sketch (...sketches: readonly (string | Sketch)[]): readonly RouteMatch[] {
  return sketches.map((item) => {
    const { match, host: name, headers = {}, query = {}, priority = 0 } = typeof item === 'string' ? { match: item } satisfies Sketch as Sketch : item
    const [, methods = '', path = ''] = /^(?:([A-Z|]+) )?(.*)$/.exec(match)!
    const parsed = parsePath(path)
    if (isPathError(parsed)) throw new Error(`${path}: ${parsed.message}`)
    const equal = (kind: FieldKind, fields: Readonly<Record<string, string>>): FieldCondition[] => Object.entries(fields).map(([key, value]) => ({ kind, name: key, test: { op: 'equals', value } }))
    return { listeners: [0], hosts: name?.split(',').map(host) ?? [], methods: methods === '' ? [] : methods.split('|'), path: parsed, conditions: [...equal('header', headers), ...equal('query', query)], priority }
  })
}

/** The index of the route that takes `METHOD host/path`. */
function answer (routes: readonly RouteMatch[], request: string, headers: Readonly<Record<string, string>> = {}, query: Readonly<Record<string, string>> = {}): number {
  const [, method, name, path] = /^(\S+) ([^/]*)(\/.*)$/.exec(request)!
  return createMatcher(build(routes).automaton).matchString(0, name!, method!, path!, { header: (key) => headers[key], query: (key) => query[key], cookie: () => undefined })
}

test('precedence is that of the Gateway API where both say something', (t) => {
  // Exact paths before prefixes, longer prefixes before shorter ones, by whole segments.
  const paths = sketch('/match/exact/one', '/match/exact', '/match', '/match/*', '/match/prefix/*', '/match/prefix/one/*')
  for (const [path, expected] of Object.entries({ '/match/exact/one': 0, '/match/exact': 1, '/match': 2, '/match/any': 3, '/match/prefixly': 3, '/match/prefix/one': 4, '/match/prefix/one/': 5, '/match/prefix/two/x': 4, '/matching': -1 })) {
    t.is(answer(paths, `GET h${path}`), expected, path)
  }
  // Then the method, then the number of headers, then of query parameters; and none of them before the path.
  const fields = sketch('/*', { match: '/*', headers: { version: 'two' } }, { match: '/*', headers: { version: 'two', color: 'blue' } }, { match: '/*', query: { animal: 'whale' } }, 'PATCH /*', '/v2/*', { match: 'PATCH /*', headers: { version: 'two' } })
  t.is(answer(fields, 'GET h/'), 0)
  t.is(answer(fields, 'GET h/', { version: 'two' }), 1)
  t.is(answer(fields, 'GET h/', { version: 'TWO' }), 0)
  t.is(answer(fields, 'GET h/', { version: 'two', color: 'blue' }), 2)
  t.is(answer(fields, 'GET h/', {}, { animal: 'whale' }), 3)
  t.is(answer(fields, 'GET h/', { version: 'two' }, { animal: 'whale' }), 1)
  t.is(answer(fields, 'PATCH h/', { color: 'blue' }), 4)
  t.is(answer(fields, 'PATCH h/', { version: 'two', color: 'blue' }), 6)
  t.is(answer(fields, 'PATCH h/v2/x', { version: 'two' }), 5)
  // Hosts: exact, then the longest wildcard, then any; the pick is final.
  const hosts = sketch({ match: '/a', host: 'www.example.com' }, { match: '/*', host: '*.example.com' }, { match: '/*', host: '*.www.example.com,*.com' }, '/*')
  for (const [request, expected] of Object.entries({ 'www.example.com/a': 0, 'www.example.com/b': -1, 'x.example.com/b': 1, 'x.y.example.com/b': 1, 'x.www.example.com/a': 2, 'example.com/': 2, 'com/': 3, '/': 3 })) {
    t.is(answer(hosts, `GET ${request}`), expected, request)
  }
})

test('methods: HEAD goes to an explicit HEAD route of the same path, else to GET; a method that nobody takes is told apart from a path that nobody has', (t) => {
  const routes = sketch('GET /a', 'HEAD /a', '/a', 'GET /:x', 'HEAD /*', 'POST /p')
  t.is(answer(routes, 'HEAD h/a'), 1)
  t.is(answer(routes, 'PUT h/a'), 2)
  t.is(answer(routes, 'HEAD h/b'), 3)
  t.is(answer(routes, 'HEAD h/b/c'), 4)
  t.is(answer(routes, 'POST h/b'), -2)
  t.is(answer(routes, 'GET h/b/c'), -2)
  t.is(answer(sketch('GET /a'), 'GET h/b'), -1)
  const matcher = createMatcher(build(sketch('GET /:x', 'POST /p', { match: 'PUT /p', headers: { x: '1' } })).automaton)
  const none = { header: () => undefined, query: () => undefined, cookie: () => undefined }
  t.deepEqual(matcher.allowedMethods(0, 'h', '/p', none), ['GET', 'HEAD', 'POST'])
  t.deepEqual(matcher.allowedMethods(0, 'h', '/p', { ...none, header: () => '1' }), ['GET', 'HEAD', 'POST', 'PUT'])
  // A condition that does not hold is no route at all, so there is nothing to allow.
  t.is(matcher.matchString(0, 'h', 'PUT', '/p', none), -2)
  t.is(answer(sketch({ match: 'PUT /p', headers: { x: '1' } }), 'GET h/p'), -1)
})

test('only the fields that could decide are asked for', (t) => {
  const asked: string[] = []
  const fields: Fields = { header: (name) => { asked.push(name); return undefined }, query: (name) => { asked.push(name); return undefined }, cookie: (name) => { asked.push(name); return undefined } }
  const matcher = createMatcher(build(sketch({ match: '/a', headers: { x: '1' } }, '/b', { match: 'GET /:p', query: { q: '1' } }, '/:p')).automaton)
  t.is(matcher.matchString(0, 'h', 'GET', '/b', fields), 1)
  t.deepEqual(asked, [])
  t.is(matcher.matchString(0, 'h', 'POST', '/a', fields), 3)
  t.deepEqual(asked, ['x'])
  t.is(matcher.matchString(0, 'h', 'GET', '/c', fields), 3)
  t.deepEqual(asked, ['x', 'q'])
})

test('routes that need too large an automaton are named', (t) => {
  const fixing = (k: number): readonly RouteMatch[] => sketch(...Array.from({ length: k }, (_, i) => `/${Array.from({ length: k }, (__, j) => (i === j ? 'x' : `:p${j}`)).join('/')}`))
  t.is(buildAutomaton(fixing(10), 1).overflow, undefined)
  const states = buildAutomaton(fixing(20), 1).overflow!
  t.regex(states.message, /overlap in too many ways.*200,000 states/)
  t.true(states.routes.length > 10)

  const classes = buildAutomaton(sketch(...Array.from('abcdefg', (char) => `/:p(.*${char}.*)`), '/other'), 1).overflow!
  t.regex(classes.message, /more than 64 classes/)
  t.deepEqual(classes.routes, [0, 1, 2, 3, 4, 5, 6])

  const large = buildAutomaton(sketch('/:p(.*a.{9})', '/:p(.*b.{9})'), 1).overflow!
  t.regex(large.message, /10,000 states/)
  t.deepEqual(large.routes, [0, 1])

  const conditions = buildAutomaton(sketch('/other', ...Array.from({ length: 300 }, (_, i) => ({ match: '/x', headers: { [`h${i}`]: '1' } }))), 1).overflow!
  t.regex(conditions.message, /combine in too many ways/)
  t.true(conditions.routes.every((route) => route > 0))

  const regexes = ['.*a.{9}', '.*b.{9}', 'c'].map((source): RouteMatch => ({ ...sketch('/x')[0]!, conditions: [{ kind: 'query', name: 'q', test: { op: 'regex', source } }] }))
  const together = buildAutomaton(regexes, 1).overflow!
  t.regex(together.message, /conditions of these routes on the query q need more than 10,000 states/)
  t.deepEqual(together.routes, [0, 1, 2])
})

test('a header with thousands of values and a path of thousands of segments cost no more than they are worth', (t) => {
  const tenants = sketch(...Array.from({ length: 5000 }, (_, i) => ({ match: '/x', headers: { tenant: `t${i}` } })), '/x')
  t.is(answer(tenants, 'GET h/x', { tenant: 't4321' }), 4321)
  t.is(answer(tenants, 'GET h/x', { tenant: 'none' }), 5000)
  const deep = `/${'a/'.repeat(200)}b`
  t.is(answer(sketch(deep, '/a/*'), `GET h${deep}`), 0)
  t.is(answer(sketch(deep, '/a/*'), `GET h${deep}c`), 1)
  t.is(answer(sketch('/:a'), `GET h/${'x'.repeat(100_000)}`), 0)
  t.is(answer(sketch('/a'), 'GET h/\u0161'), -1)
})

test('what the analysis says about a config of a person', (t) => {
  const routes = sketch('GET /users/:id(me|you)', 'GET /users/me', 'GET /users/you', 'GET /items/:id', 'GET /items/:name', { match: '/x', headers: { a: '1' } }, { match: '/x', headers: { b: '1' } }, 'GET /a%20b/:x( )')
  const { analysis } = build(routes)
  const unreachable = analysis.unreachable()
  t.deepEqual(unreachable.map(({ route, blockers }) => [route, blockers.map((blocker) => blocker.route)]), [[0, [1, 2]], [4, [3]], [7, []]])
  t.deepEqual(unreachable[0]!.blockers[1]!.witness, { listener: 0, method: 'GET', host: 'any.test', path: '/users/you', headers: {}, query: {}, cookies: {} })
  t.deepEqual(analysis.duplicates(), [{ route: 4, of: 3 }])
  const ties = analysis.ties()
  t.deepEqual(ties.map((tie) => tie.routes), [[3, 4], [5, 6]])
  t.deepEqual(ties[1]!.witness.headers, { a: '1', b: '1' })
  // The route that decides between them settles the tie; so does a priority.
  t.deepEqual(build(sketch({ match: '/x', headers: { a: '1' } }, { match: '/x', headers: { b: '1' } }, { match: '/x', headers: { a: '1', b: '1' } })).analysis.ties(), [])
  t.deepEqual(build(sketch({ match: '/x', headers: { a: '1' } }, { match: '/x', headers: { b: '1' }, priority: 1 })).analysis.ties(), [])
  t.deepEqual(build(sketch({ match: '/x', headers: { a: '1' } }, { match: '/x', headers: { a: '2' } })).analysis.ties(), [])
  t.deepEqual(build(sketch({ match: '/x', headers: { a: '1' } }, { match: '/x', headers: { b: '1' } }, { match: '/x', headers: { b: '2' } })).analysis.ties().map((tie) => tie.routes), [[0, 1], [0, 2]])
  // What no request has: dot segments, broken or needless escapes, spaces at the ends of a header.
  const never = build(sketch('/:x(\\.\\.?)', '/:x(%zz)', '/:x(%41)', '/:x(a%2Fb)', '/:x(a b)', { match: '/x', headers: { a: ' 1' } }, { match: '/y', headers: { a: '1\n' } }))
  t.deepEqual(never.analysis.unreachable(), Array.from({ length: 7 }, (_, route) => ({ route, blockers: [] })))
  t.deepEqual(build(sketch('/:x(\\.{3})', '/:x(%3B)', { match: '/x', query: { a: ' 1\n' } })).analysis.unreachable(), [])
})
