import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { closeGateway, expectRequest, useConfig } from '../compiler/route-test/index.ts'
import { runGwc } from './support/gwc.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

function project (t: ExecutionContext, tests: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gwc-route-tests-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/gwc'))
  writeFileSync(join(folder, 'gateway.config.ts'), `import { defineGateway, http, route, secret, upstream } from 'gwc'
import { apiKey, headers } from 'gwc/policies'
const users = upstream('users', { targets: ['http://127.0.0.1:9'] })
export default defineGateway({
  name: 'tested',
  listeners: { public: http({ port: 8080 }) },
  routes: [
    route('GET /users/:id', { to: users, name: 'user', rewrite: '/v2/users/{id}', policies: [apiKey({ keys: [{ id: 'a', hash: secret('KEY') }] }), headers({ response: { set: { 'x-a': 'b' } } })] }),
    route('POST /users', { to: users, name: 'new-user', when: { headers: { 'x-kind': 'human' } } })
  ]
})
`)
  writeFileSync(join(folder, 'users.route.test.ts'), tests)
  return folder
}

test('gwc test: what holds passes, what does not is told with its line, and coverage counts classes', async (t) => {
  const folder = project(t, `import { expectRequest } from 'gwc/test'
const path: string = '/users/1'
expectRequest(\`GET \${path}\`).toReach('user').withPolicies('api-key', 'headers').toAnswer(401, 'api-key-missing')
expectRequest('POST /users', { headers: { 'x-kind': 'human' }, body: { name: 'Ada' } }).toReach('new-user').onUpstream('users').toForward('POST /users').toAnswer(200)
expectRequest('POST /users').toReachNothing().toAnswer(404)
expectRequest('GET /users/1').toAnswer(200).withHeader('x-a', /c/)
`)
  const { code, text } = await runGwc(['test', '--no-types', '--coverage-out', 'coverage.json'], folder)
  t.is(code, 5, text)
  t.regex(text, /✗ GET \/users\/1 {2}users\.route\.test\.ts:6\n {4}status: expected 200, is 401\n {4}field x-a: expected \/c\/, is b\n/)
  t.regex(text, /3 route tests passed, 1 failed/)
  const coverage = JSON.parse(readFileSync(join(folder, 'coverage.json'), 'utf8')) as { covered: number, total: number, uncovered: { request: { method: string, path: string }, route: string | null }[] }
  t.is(coverage.covered, 3)
  t.is(coverage.total, coverage.covered + coverage.uncovered.length)
  t.regex(text, new RegExp(`3 of ${coverage.total} classes of requests have a test`))
  const junit = await runGwc(['test', '--no-types', '--format', 'junit'], folder)
  t.regex(junit.text, /<testsuite name="gwc test" tests="4" failures="1">/)
})

test('gwc test: too little coverage, no tests, and a file that throws are failures', async (t) => {
  const folder = project(t, "import { expectRequest } from 'gwc/test'\nexpectRequest('GET /users/1').toReach('user')\n")
  t.is((await runGwc(['test', '--no-types'], folder)).code, 0)
  t.is((await runGwc(['test', '--no-types', '--fail-under', '90'], folder)).code, 5)
  writeFileSync(join(folder, 'users.route.test.ts'), "import 'gwc/test'\nthrow new Error('broken')\n")
  const broken = await runGwc(['test', '--no-types'], folder)
  t.is(broken.code, 5)
  t.regex(broken.text, /users\.route\.test\.ts fails: Error: broken/)
  rmSync(join(folder, 'users.route.test.ts'))
  t.regex((await runGwc(['test', '--no-types'], folder)).text, /there are no route tests/)
})

test('gwc test --skeleton writes what holds today for every class without a test, once', async (t) => {
  const folder = project(t, "import { expectRequest } from 'gwc/test'\nexpectRequest('GET /users/1').toReach('user')\n")
  t.is((await runGwc(['test', '--no-types', '--skeleton', 'all.route.test.ts'], folder)).code, 0)
  t.regex(readFileSync(join(folder, 'all.route.test.ts'), 'utf8'), /expectRequest\('POST http:\/\/[^/]+\/users', \{ headers: \{ 'x-kind': 'human' \} \}\)\.toReach\('new-user'\)\n/)
  const { code, text } = await runGwc(['test', '--no-types', '--fail-under', '100'], folder)
  t.is(code, 0, text)
  const again = await runGwc(['test', '--no-types', '--skeleton', 'all.route.test.ts'], folder)
  t.is(again.code, 64)
  t.regex(again.text, /there is such a file already/)
})

test('the shop passes its own route tests', async (t) => {
  const { code, text } = await runGwc(['test', '--no-types'], join(root, 'fixtures/shop'))
  t.is(code, 0, text)
})

test.serial('in another test runner, an expectation is awaited', async (t) => {
  const folder = project(t, '')
  await useConfig(join(folder, 'gateway.config.ts'))
  t.teardown(closeGateway)
  await expectRequest('GET /users/1').toReach('user').toAnswer(401)
  await t.throwsAsync(async () => { await expectRequest('GET /users/1').toReach('new-user') }, { message: /route: expected new-user, is user/ })
  await Promise.all([expectRequest('POST /users', { headers: { 'x-kind': 'human' } }).toAnswer(200), expectRequest('POST /users').toAnswer(404)])
})
