import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { compile } from '../compiler/compile.ts'
import { runGwc } from './support/gwc.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

function project (t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gwc-migrate-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/gwc'))
  return folder
}

for (const example of ['bank', 'shop']) {
  test(`json-to-typescript gives the ${example} again, type-checked and with an empty plan`, async (t) => {
    const { config } = await compile({ cwd: join(root, 'fixtures', example), env: process.env, types: false }, 'validate')
    const folder = project(t)
    writeFileSync(join(folder, 'gateway.config.json'), JSON.stringify(config!.document))
    const { code, text } = await runGwc(['migrate', 'json-to-typescript'], folder)
    t.is(code, 0, text)
    t.regex(text, /no request is affected: the plan between the two is empty/)
    t.deepEqual(readdirSync(folder).sort(), ['gateway.config.ts', 'node_modules'])
    const again = await compile({ cwd: folder, env: process.env }, 'validate')
    t.deepEqual(again.config!.document, config!.document)
  })
}

test('json-to-typescript writes what a person would', async (t) => {
  const folder = project(t)
  writeFileSync(join(folder, 'gateway.config.json'), JSON.stringify({
    listeners: { public: { port: 8080 }, db: { protocol: 'tcp', port: 5432, to: 'new', sni: [{ host: 'a.b', to: 'http' }] } },
    upstreams: { new: { targets: ['tcp://127.0.0.1:5432'] }, http: { targets: ['tcp://127.0.0.1:5433'] }, 'back-office': { targets: ["http://127.0.0.1:9"] } },
    routes: [{ match: 'GET /it\'s', to: 'back-office', policies: [{ 'api-key': { keys: [{ id: 'a', hash: { $secret: 'KEY' } }] } }, { headers: { response: { set: { 'x-a': 'b' } } } }] }],
    invariants: [{ name: 'only there', match: '/*', upstreams: ['back-office'] }]
  }))
  const { code, text } = await runGwc(['migrate', 'json-to-typescript'], folder)
  t.is(code, 0, text)
  t.is(readFileSync(join(folder, 'gateway.config.ts'), 'utf8'), `import { defineGateway, http, invariant, route, secret, tcp, upstream } from 'gwc'
import { apiKey, headers } from 'gwc/policies'

const newUpstream = upstream('new', { targets: ['tcp://127.0.0.1:5432'] })
const httpUpstream = upstream('http', { targets: ['tcp://127.0.0.1:5433'] })
const backOffice = upstream('back-office', { targets: ['http://127.0.0.1:9'] })

export default defineGateway({
  listeners: { public: http({ port: 8080 }), db: tcp({ port: 5432, to: newUpstream, sni: [{ host: 'a.b', to: httpUpstream }] }) },
  routes: [
    route('GET /it\\'s', {
      to: backOffice,
      policies: [apiKey({ keys: [{ id: 'a', hash: secret('KEY') }] }), headers({ response: { set: { 'x-a': 'b' } } })]
    })
  ],
  invariants: [invariant('only there', { match: '/*', upstreams: [backOffice] })]
})
`)
})

test('name-routes names what has no name, leaves alone what it cannot, and refuses what would change a request', async (t) => {
  const folder = project(t)
  const file = join(folder, 'gateway.config.ts')
  const config = (routes: string): string => `import { defineGateway, http, route, upstream } from 'gwc'

const app = upstream('app', { targets: ['http://127.0.0.1:9'] })
const options = { to: app }

export default defineGateway({ listeners: { public: http({ port: 8080 }) }, routes: [
${routes}
] })
`
  writeFileSync(file, config(`  route('GET /a/:id(\\\\d+)', { to: app }),
  route('/b', {
    to: app
  }),
  route('/c', { name: 'c', to: app }),
  route('/d', options),
  ...['x', 'y'].map((name) => route(\`/\${name}\`, { to: app }))`))
  const dry = await runGwc(['migrate', 'name-routes', '--dry-run', '--no-types'], folder)
  t.regex(dry.text, /^\+ {2}route\('GET \/a\/:id\(\\\\d\+\)', \{ name: 'get-a-id', to: app \}\),$/m)
  const { code, text } = await runGwc(['migrate', 'name-routes', '--no-types'], folder)
  t.is(code, 0, text)
  t.regex(text, /left as it is: gateway\.config\.ts:12: the options of this route are not written where it is made/)
  t.regex(text, /gateway\.config\.ts:13: one call makes 2 routes/)
  t.is(readFileSync(file, 'utf8'), config(`  route('GET /a/:id(\\\\d+)', { name: 'get-a-id', to: app }),
  route('/b', {
    name: 'b',
    to: app
  }),
  route('/c', { name: 'c', to: app }),
  route('/d', options),
  ...['x', 'y'].map((name) => route(\`/\${name}\`, { to: app }))`))

  t.is((await runGwc(['migrate', 'nam-routes'], folder)).code, 64)
  t.regex((await runGwc(['migrate', 'json-to-typescript', '--no-types'], folder)).text, /nothing to migrate: the config is no JSON file/)
  t.false(existsSync(join(folder, 'gateway.config.json')))
})
