import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { runGwc } from './support/gwc.ts'

const key = 'a-key-that-only-this-test-has'
process.env['DRY_RUN_KEY'] = `sha256:${createHash('sha256').update(key).digest('hex')}`

function project (t: ExecutionContext, target = 'https://users.internal:8443'): string {
  const folder = mkdtempSync(join(tmpdir(), 'gwc-dry-run-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  writeFileSync(join(folder, 'gateway.config.json'), JSON.stringify({
    name: 'dry',
    listeners: { public: { port: 443, tls: { certificates: '/nowhere' }, policies: [{ 'rate-limit': { limit: 1, window: '1h', mode: 'shadow' } }] } },
    upstreams: { users: { targets: [target], health: { path: '/health' }, affinity: { by: 'cookie', key: { $secret: 'NOT_THERE' } } } },
    routes: [
      { match: 'GET /users/:id', name: 'user', to: 'users', rewrite: '/v2/users/{id}', policies: [{ 'api-key': { keys: [{ id: 'app', hash: { $secret: 'DRY_RUN_KEY' } }] } }, { headers: { request: { set: { 'x-by': 'gateway' } } } }] },
      { match: 'POST /users', name: 'new-user', to: 'users' }
    ]
  }))
  return folder
}

interface Tried { readonly request: { readonly method: string, readonly path: string, readonly search?: string }, readonly answer: { readonly status: number, readonly reason: string, readonly route: string | null, readonly upstream: string | null, readonly body: string, readonly policies: readonly { readonly name: string, readonly mode: string, readonly answer: { readonly status: number } | null }[], readonly forwarded: { readonly method: string, readonly target: string, readonly headers: Readonly<Record<string, string>>, readonly body: string } | null } }

async function tried (t: ExecutionContext, args: readonly string[], folder: string): Promise<readonly Tried[]> {
  const { code, text } = await runGwc(['dry-run', ...args, '--format', 'json'], folder)
  t.is(code, 0, text)
  return text.trim().split('\n').map((line) => JSON.parse(line) as Tried)
}

test('a request from the command line goes through the real runtime: policies decide, the upstream only pretends', async (t) => {
  const folder = project(t)
  const [without] = await tried(t, ['GET https://api.test/users/7'], folder)
  t.like(without!.answer, { status: 401, reason: 'api-key-missing', route: 'user', forwarded: null })
  const [first] = await tried(t, ['GET https://api.test/users/7?full=1', '-H', `x-api-key: ${key}`], folder)
  t.like(first!.answer, { status: 200, route: 'user', upstream: 'users' })
  t.is(first!.answer.forwarded!.target, '/v2/users/7?full=1')
  t.is(first!.answer.forwarded!.headers['x-by'], 'gateway')
  t.is(first!.answer.forwarded!.headers['x-api-key'], undefined)
  t.deepEqual(first!.answer.policies.map(({ name, mode, answer }) => [name, mode, answer?.status ?? null]), [['rate-limit', 'shadow', null], ['api-key', 'enforce', null], ['headers', 'enforce', null]])

  const pretty = await runGwc(['dry-run', 'POST https://api.test/users', '-d', '{"name":"Ada"}', '--upstreams', 'echo'], folder)
  t.is(pretty.code, 0, pretty.text)
  t.regex(pretty.text, /^POST http:\/\/api\.test\/users\n {2}200\n {2}route {5}new-user\n {2}policy {4}rate-limit \(listener:public\/rate-limit\): passed\n {2}upstream {2}users: POST \/users\n/)
  t.regex(pretty.text, /"body": "\{\\"name\\":\\"Ada\\"\}"/)
  t.is((await tried(t, ['GET https://api.test/nothing'], folder))[0]!.answer.status, 404)
  t.is((await tried(t, ['GET https://api.test/a%2Fb'], folder))[0]!.answer.status, 400, 'what the runtime refuses it refuses by itself')
  t.is((await runGwc(['dry-run', 'three words here'], folder)).code, 64)
})

test('requests come from JSON lines, from HAR, and from the witnesses of gwc witness', async (t) => {
  const folder = project(t)
  writeFileSync(join(folder, 'requests.jsonl'), `${JSON.stringify({ url: 'https://api.test/users/1', headers: { 'x-api-key': key } })}\n\n${JSON.stringify({ method: 'POST', url: 'https://api.test/users', body: { name: 'Ada' } })}\n`)
  const lines = await tried(t, ['--requests', 'requests.jsonl'], folder)
  t.deepEqual(lines.map(({ answer }) => [answer.status, answer.route, answer.forwarded?.body]), [[200, 'user', ''], [200, 'new-user', '{"name":"Ada"}']])
  // The state of a run is that of one gateway: the second request is one too many for the limit in shadow mode.
  t.is(lines[1]!.answer.policies[0]!.answer?.status, 429)

  writeFileSync(join(folder, 'browser.har'), JSON.stringify({ log: { entries: [{ request: { method: 'GET', url: 'https://api.test/users/2', headers: [{ name: ':authority', value: 'api.test' }, { name: 'X-Api-Key', value: key }] } }] } }))
  t.deepEqual((await tried(t, ['--requests', 'browser.har'], folder)).map(({ answer }) => answer.route), ['user'])

  writeFileSync(join(folder, 'api.yaml'), `openapi: 3.1.0
servers: [{ url: 'https://{host}/', variables: { host: { default: api.test } } }]
paths:
  /users/{id}:
    parameters: [{ $ref: '#/components/parameters/id' }]
    get:
      parameters:
        - { name: verbose, in: query, schema: { type: boolean } }
        - { name: fields, in: query, required: true, schema: { type: array, items: { enum: [name] } } }
        - { name: X-Api-Key, in: header, example: '${key}' }
  /users:
    post:
      requestBody:
        content:
          application/json:
            schema: { $ref: '#/components/schemas/user' }
            examples: { ada: { value: { name: Ada } }, bob: { $ref: '#/components/examples/bob' } }
    put:
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/user' } } } }
components:
  parameters: { id: { name: id, in: path, required: true, schema: { type: integer, minimum: 7 } } }
  schemas: { user: { type: object, required: [name, born], properties: { name: { type: string }, born: { type: string, format: date }, note: { type: string } } } }
  examples: { bob: { value: { name: Bob } } }
`)
  t.deepEqual((await tried(t, ['--requests', 'api.yaml'], folder)).map(({ request, answer }) => [request.method, request.path, request.search, answer.route, answer.forwarded?.body]), [
    ['GET', '/users/7', 'fields=name', 'user', ''],
    ['POST', '/users', '', 'new-user', '{"name":"Ada"}'], ['POST', '/users', '', 'new-user', '{"name":"Bob"}'],
    ['PUT', '/users', '', null, undefined]
  ])
  writeFileSync(join(folder, 'broken.yaml'), 'openapi: 3.1.0\npaths: [\n')
  t.regex((await runGwc(['dry-run', '--requests', 'broken.yaml'], folder)).text, /^gwc: broken\.yaml:3: /)

  writeFileSync(join(folder, 'broken.jsonl'), '{"url":"https://api.test/users/1"}\n{"method":1}\n')
  const broken = await runGwc(['dry-run', '--requests', 'broken.jsonl'], folder)
  t.is(broken.code, 1)
  t.regex(broken.text, /broken\.jsonl:2: a request has a url/)

  const witnesses = await runGwc(['witness', '--out', 'witnesses.jsonl'], folder)
  t.is(witnesses.code, 0, witnesses.text)
  const expected = readFileSync(join(folder, 'witnesses.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { readonly route: string | null })
  const seen = await tried(t, ['--requests', 'witnesses.jsonl'], folder)
  t.deepEqual(seen.map(({ answer }) => answer.route), expected.map(({ route }) => route))
  t.deepEqual((await tried(t, [], folder)).map(({ answer }) => answer.route), expected.map(({ route }) => route), 'without requests, one of each class')
})

test('with --upstreams real the targets are asked', async (t) => {
  const server = createServer((_request, response) => { response.end('from the target') }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const folder = project(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [real] = await tried(t, ['POST https://api.test/users', '--upstreams', 'real'], folder)
  t.like(real!.answer, { status: 200, body: 'from the target', forwarded: null })
})
