import test from 'ava'
import { definePolicy } from '../policy.ts'
import { policyBuilder } from '../policy-builder.ts'
import { forgetUpstreams } from './declared.ts'
import { env } from './env.ts'
import { defineGateway, documentOf } from './gateway.ts'
import { group } from './group.ts'
import { InputError, installInputs } from './inputs.ts'
import { http } from './listener.ts'
import { placeOf, setConfigScript } from './place.ts'
import { route } from './route.ts'
import { secret } from './secret.ts'
import { upstream } from './upstream.ts'

const limit = policyBuilder(definePolicy<{ max?: number }, 'limit', 'route' | 'listener' | 'upstream'>({
  name: 'limit', version: 1, summary: '', targets: ['route', 'listener', 'upstream'], phase: 'admit', guards: 'nothing', schema: {}, problems: [], compare: () => 'equal', create: () => ({})
}))

test.beforeEach(forgetUpstreams)
test.afterEach.always(() => {
  installInputs(undefined)
  setConfigScript(undefined)
})

/** Line of the caller in this file, as the stack shows it. */
const line = (): number => Number(/:(\d+):\d+\)?$/.exec(new Error().stack?.split('\n')[2] ?? '')?.[1])

test.serial('a gateway becomes a document in normal form', (t) => {
  const users = upstream('users', { targets: ['http://u'], policies: [limit({ max: 9 })] })
  const files = upstream('files', { targets: [{ url: 'http://f', weight: 2 }], tls: { ca: secret('FILES_CA') } })
  const found = documentOf(defineGateway({
    name: 'shop',
    listeners: { public: http({ port: 80, policies: [limit()] }) },
    routes: [
      route('GET /users/:id', { to: users, rewrite: '/{id}' }),
      group({ prefix: '/v1', policies: [limit({ max: 1, mode: 'shadow', id: 'one' })] }, [group({}, [route('/f/*', { to: files, policies: [limit({})] })])])
    ]
  }))
  t.deepEqual(found?.document, {
    name: 'shop',
    listeners: { public: { protocol: 'http', port: 80, policies: [{ limit: {} }] } },
    upstreams: { users: { targets: ['http://u'], policies: [{ limit: { max: 9 } }] }, files: { targets: [{ url: 'http://f', weight: 2 }], tls: { ca: { $secret: 'FILES_CA' } } } },
    routes: [
      { match: 'GET /users/:id', to: 'users', rewrite: '/{id}' },
      { prefix: '/v1', policies: [{ limit: { max: 1, mode: 'shadow', id: 'one' } }], routes: [{ routes: [{ match: '/f/*', to: 'files', policies: [{ limit: {} }] }] }] }
    ]
  } as never)
  t.deepEqual(found?.conflicts, [])
  t.deepEqual(found?.unusable, [])
})

test.serial('every node has the position of its builder\'s call', (t) => {
  const first = line()
  const users = upstream('users', { targets: [] })
  const routes = [1, 2].map((n) => route(`/${n}`, {
    to: users,
    policies: [
      limit()]
  }))
  const places = documentOf(defineGateway({ listeners: { 'a/b': http({ port: 1 }) }, routes: [group({}, routes)] }))?.places ?? {}
  const lines = Object.fromEntries(Object.entries(places).map(([pointer, place]) => [pointer, place.line - first]))
  const compiled = lines['/routes/0/routes/0/policies/0'] ?? 0
  t.deepEqual(lines, {
    '': lines['']!, '/listeners/a~1b': lines['']!, '/upstreams/users': 1, '/routes/0': lines['']!,
    '/routes/0/routes/0': 2, '/routes/0/routes/0/policies/0': compiled, '/routes/0/routes/1': 2, '/routes/0/routes/1/policies/0': compiled
  })
  t.true(compiled > 2)
  t.true(Object.values(places).every(({ script, column }) => script.includes('builders.test.') && column > 0))
})

test.serial('with a script name, frames of other scripts are passed over', (t) => {
  setConfigScript('gwc:config')
  t.is(placeOf(upstream('users', { targets: [] })), undefined)
})

test.serial('an upstream without a route is in the document; two of one name are a conflict, reported once', (t) => {
  const [one, two] = [upstream('users', { targets: ['http://1'] }), upstream('users', { targets: ['http://2'] })]
  upstream('spare', { targets: ['http://3'] })
  const found = documentOf(defineGateway({ listeners: {}, routes: [route('/1', { to: one }), route('/2', { to: two }), route('/3', { to: two })], upstreams: [two] }))
  t.deepEqual(Object.keys(found?.document.upstreams ?? {}), ['users', 'spare'])
  t.deepEqual(found?.document.upstreams?.['users']?.targets, ['http://1'])
  t.deepEqual(found?.conflicts, [{ name: 'users', first: placeOf(one), second: placeOf(two) }])
  forgetUpstreams()
  t.deepEqual(documentOf(defineGateway({ listeners: {}, routes: [] }))?.document.upstreams, {})
})

test.serial('what an untyped config holds passes into the document for validation, or is reported where JSON has no word for it', (t) => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  const wrong = { '__proto__': 1, 'a/b': () => 1, to: 'users', timeout: NaN, when: loop, extra: undefined, list: [undefined, new Map(), 1n], policies: ['limit', { limit: {} }] }
  const found = documentOf(defineGateway({ listeners: { a: upstream('u', { targets: [] }) }, routes: [route('/x', wrong as never), { match: '/y' }, 7, group({}, 'none' as never)], upstreams: ['u'], name: 3 } as never))
  t.deepEqual(found?.document as unknown, {
    name: 3, listeners: { a: undefined }, upstreams: { u: { targets: [] } },
    routes: [{ match: '/x', to: 'users', when: {}, list: [null, null, null], policies: ['limit', { limit: {} }] }, { match: '/y' }, 7, { routes: 'none' }]
  })
  t.deepEqual(found?.unusable, [
    { pointer: '/upstreams/0', what: 'a value that upstream() did not make' },
    { pointer: '/listeners/a', what: 'an upstream' }, { pointer: '/routes/0/a~1b', what: 'a function' }, { pointer: '/routes/0/timeout', what: 'NaN' },
    { pointer: '/routes/0/when/self', what: 'an object that contains itself' }, { pointer: '/routes/0/list/1', what: 'a Map' }, { pointer: '/routes/0/list/2', what: 'a bigint' }
  ])
  for (const value of [undefined, null, 1, {}, { kind: 'gateway', options: {} }, route('/x', { to: upstream('x', { targets: [] }) })]) t.is(documentOf(value), undefined)
})

test.serial('nodes are frozen, and later changes to the options do not reach them', (t) => {
  const options = { port: 1 }
  const node = http(options)
  options.port = 2
  t.is(node.options.port, 1)
  for (const frozen of [node, node.options, route('/', { to: upstream('u', { targets: [] }) }).options, group({}, []).routes, limit(), limit().options]) t.true(Object.isFrozen(frozen))
})

test.serial('env reads through its host, converts, and falls back', (t) => {
  const read: string[] = []
  const values: Record<string, string> = { PORT: '8080', ON: 'true', T: '5s', EMPTY: '' }
  installInputs({ read: (name, place) => { read.push(`${name}@${place?.script.includes('builders.test.')}`); return values[name] } })
  t.deepEqual([env('PORT'), env.number('PORT'), env.boolean('ON'), env.duration('T'), env('EMPTY', 'x'), env('NO', 'x'), env.number('NO', 0), env.boolean('NO', false)],
    ['8080', 8080, true, '5s', '', 'x', 0, false])
  t.deepEqual(read.slice(0, 2), ['PORT@true', 'PORT@true'])
  t.is(read.length, 8)
})

test.serial('a missing or wrong input is an InputError with its place; a host that takes errors gets all of them', (t) => {
  const at = line() + 1
  t.like(t.throws(() => env('X'), { instanceOf: InputError }), { input: 'X', problem: 'missing', place: { line: at } })
  installInputs({ read: (name) => (name === 'WORD' ? 'ten' : undefined) })
  t.like(t.throws(() => env('X'), { instanceOf: InputError }), { message: "the environment variable X is not set, and env('X') has no default" })
  t.like(t.throws(() => env.number('WORD', 3), { instanceOf: InputError }), { problem: 'invalid', message: 'the environment variable WORD is not a number' })
  const errors: InputError[] = []
  installInputs({ read: (name) => (name === 'WORD' ? 'ten' : undefined), report: (error) => { errors.push(error) } })
  t.deepEqual([env('X'), env.number('WORD'), env.boolean('WORD'), env.duration('WORD')], ['', 0, false, '1s'])
  t.deepEqual(errors.map(({ input, problem }) => `${input} ${problem}`), ['X missing', 'WORD invalid', 'WORD invalid', 'WORD invalid'])
})
