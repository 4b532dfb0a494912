import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { Place } from '../schema/diagnostic.ts'
import type { Pointer } from '../schema/origin.ts'
import { lineIndex } from './load/line-index.ts'
import { locator } from './locate.ts'

const folder = mkdtempSync(join(tmpdir(), 'gwc-locate-'))
test.after.always(() => { rmSync(folder, { recursive: true, force: true }) })

let count = 0
/** The text at a place; `origin` is a text that stands where the origin is. */
function at (text: string, origin: string, pointer: Pointer = [], part?: Place['part'], kind = 'ts'): string | undefined {
  const file = `${++count}.${kind}`
  writeFileSync(join(folder, file), text)
  const place: Place = { origin: { file, ...lineIndex(text).position(text.indexOf(origin)) }, pointer, ...(part === undefined ? {} : { part }) }
  const range = locator(folder)(place)
  return range === undefined ? undefined : text.slice(range.start, range.end)
}

const program = `import { defineGateway, group, http, route, upstream } from 'gwc'
import * as policies from 'gwc/policies'
const shared = { timeout: '5s', when: { headers: { 'x-a': 'v\\u0031\\\\' } } } as const
const urls = ['http://10.0.0.1:80', { url: 'http://10.0.0.2:80', weight: 2 }]
const path = '/late'
const users = upstream('users', { targets: urls, 'timeouts': { connect: '1s' }, })
export default defineGateway({
  listeners: { public: http({ port: 8080 }), ...{ admin: http({ port: 1 }) } },
  routes: [
    route('GET /users/:id(\\\\d+)', { to: users, ...shared, rewrite: ('/v2/{id}' satisfies string) }),
    route(path, { to: users, timeout: fast(), [\`priority\`]: 3 }),
    group({ host: ['a.example.com', 'b.example.com'], policies: [policies.rateLimit({ limit: 1, window: '1m' })] }, [
      route('/inner', { to: users })
    ]),
    ...['x'].map((name) => route(\`/\${name}\`, { to: users, name }))
  ]
})
function fast () { return '1s' as const }
`

test('the value of an option is found in a program', (t) => {
  const first = 'route(\'GET'
  t.is(at(program, first), 'route')
  t.is(at(program, first, ['match']), '\'GET /users/:id(\\\\d+)\'')
  t.is(at(program, first, ['to']), 'users')
  t.is(at(program, first, ['rewrite']), '\'/v2/{id}\'')
  t.is(at(program, first, ['rewrite'], 'name'), 'rewrite')
  t.is(at(program, first, ['timeout']), '\'5s\'')
  t.is(at(program, first, ['when', 'headers', 'x-a']), '\'v\\u0031\\\\\'')
  t.is(at(program, first, ['when', 'headers', 'x-a'], 'name'), '\'x-a\'')
  t.is(at(program, 'upstream(\'users\'', ['targets', 1, 'url']), '\'http://10.0.0.2:80\'')
  t.is(at(program, 'upstream(\'users\'', ['timeouts', 'connect']), '\'1s\'')
  t.is(at(program, 'group({', ['host', 1]), '\'b.example.com\'')
  t.is(at(program, 'group({', ['routes', 0, 'match']), '\'/inner\'')
  t.is(at(program, 'rateLimit({', ['rate-limit', 'window']), '\'1m\'')
  t.is(at(program, 'rateLimit({', ['rate-limit']), 'rateLimit')
  t.is(at(program, 'rateLimit({'), 'rateLimit')
  t.is(at(program, 'defineGateway({\n', ['listeners', 'admin', 'port']), '1')
  t.is(at(program, 'defineGateway({\n', ['listeners', 'admin'], 'name'), 'admin')
})

test('what a program computes is shown as far as it is written', (t) => {
  const second = 'route(path'
  t.is(at(program, second, ['match']), '\'/late\'')
  t.is(at(program, second, ['timeout']), 'fast')
  t.is(at(program, second, ['priority']), '3')
  t.is(at(program, second, ['nothing', 'here']), 'route')
  t.is(at(program, 'route(`', ['match']), 'route')
  t.is(at(program, 'route(`', ['name']), 'name')
  t.true(at(program, 'defineGateway({\n', ['routes', 3, 'to'])?.startsWith('['))
})

test('a character of a string is found, escapes or not', (t) => {
  const first = 'route(\'GET'
  t.is(at(program, first, ['match'], 4), '/')
  t.is(at(program, first, ['match'], 15), '\\\\')
  t.is(at(program, first, ['match'], 18), ')')
  t.is(at(program, first, ['match'], 19), '\'')
  t.is(at(program, first, ['when', 'headers', 'x-a'], 1), '\\u0031')
  t.is(at(program, first, ['when', 'headers', 'x-a'], 2), '\\\\')
  t.is(at('const a = f(\'\\u{1F600}x\', \'\\\ny\')', 'f(', ['match'], 2), 'x')
})

test('places that are no calls are words', (t) => {
  t.is(at(program, 'import {'), 'import')
  t.is(at(program, 'const path'), 'const')
  t.is(at(program, '\'5s\''), '\'5s\'')
  t.is(at(program, '{ timeout'), '{ timeout: \'5s\', when: { headers: { \'x-a\': \'v\\u0031\\\\\' } } }')
  t.is(at(program, '{\n  listeners'), '{')
  t.is(at('const x = = 2', '= 2'), '=')
  t.is(at('', ''), '')
  t.is(locator(folder)({ origin: { file: 'none.ts', line: 1, column: 1 } }), undefined)
})

const json = '{\n  "listeners": { "public": { "port": "80" } },\n  "routes": [{ "match": "/a\\u0062:", "to": "x" }, 1]\n}\n'

test('places in JSON', (t) => {
  t.is(at(json, '{ "match"', ['match'], undefined, 'json'), '"/a\\u0062:"')
  t.is(at(json, '{ "match"', ['match'], 2, 'json'), '\\u0062')
  t.is(at(json, '{ "match"', ['to'], 'name', 'json'), '"to"')
  t.is(at(json, '{\n', ['routes', 1], undefined, 'json'), '1')
  t.is(at(json, '{\n', ['listeners', 'public'], 'name', 'json'), '"public"')
  t.is(at(json, '{\n', ['listeners', 'public'], undefined, 'json'), '{')
  t.is(at(json, '"routes"', [], undefined, 'json'), '"routes"')
  t.is(at(json, '{ "port"', ['missing', 'more'], undefined, 'json'), '{')
  t.is(at('{ "a": , }', ', }', [], undefined, 'json'), ',')
})
