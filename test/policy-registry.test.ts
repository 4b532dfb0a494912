import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = fileURLToPath(new URL('../../', import.meta.url))
const package_ = mkdtempSync(join(tmpdir(), 'gwc-policy-'))
const project = join(package_, 'project')
const cli = join(package_, 'dist/compiler/cli.js')

/** A copy of the built package with one more policy: the folder of `headers` under another name, and one line. */
test.before(() => {
  for (const area of ['schema', 'policies', 'compiler', 'runtime']) cpSync(join(root, 'dist', area), join(package_, 'dist', area), { recursive: true, filter: (path) => !/\.test\.|\.map$/.test(path) })
  cpSync(join(root, 'package.json'), join(package_, 'package.json'))
  cpSync(join(root, 'schema/generated'), join(package_, 'schema/generated'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(package_, 'node_modules'))

  const policies = join(package_, 'dist/policies')
  cpSync(join(policies, 'headers'), join(policies, 'stamp'), { recursive: true })
  edit(join(policies, 'stamp/index.js'), [["name: 'headers'", "name: 'stamp'"], ['export const headers', 'export const stamp']])
  edit(join(policies, 'stamp/index.d.ts'), [['export declare const headers', 'export declare const stamp'], ['"headers"', '"stamp"']])
  for (const file of ['check.js', 'problems.js']) edit(join(policies, 'stamp', file), [['headers/', 'stamp/']])
  edit(join(policies, 'index.js'), [[/$/, "\nexport { stamp } from './stamp/index.js'\n"]])
  edit(join(policies, 'index.d.ts'), [[/$/, "\nexport { stamp } from './stamp/index.ts'\n"]])

  mkdirSync(project)
  writeFileSync(join(project, 'tsconfig.json'), '{ "compilerOptions": { "target": "es2023", "module": "nodenext", "strict": true, "noEmit": true, "types": [] } }\n')
  writeFileSync(join(project, 'gateway.config.ts'), config("{ response: { set: { 'x-stamp': '{id}' } } }"))
  writeFileSync(join(project, 'broken.config.ts'), config("{ response: { set: { 'x-stamp': 'a', 'X-Stamp': 'b' } } }"))
  writeFileSync(join(project, 'misspelt.config.ts'), config("{ response: { sett: { 'x-stamp': 'a' } } }"))
})

test.after.always(() => { rmSync(package_, { recursive: true, force: true }) })

function edit (file: string, changes: readonly (readonly [from: string | RegExp, to: string])[]): void {
  let text = readFileSync(file, 'utf8')
  for (const [from, to] of changes) {
    const changed = typeof from === 'string' ? text.replaceAll(from, to) : text.replace(from, to)
    if (changed === text) throw new Error(`${file} does not hold ${String(from)}`)
    text = changed
  }
  writeFileSync(file, text)
}

function config (options: string): string {
  return `import { defineGateway, env, http, route, upstream } from 'gwc'
import { stamp } from 'gwc/policies'

export default defineGateway({
  listeners: { public: http({ port: env.number('PORT', 8080), address: '127.0.0.1' }) },
  routes: [
    route('GET /users/:id', { to: upstream('users', { targets: [env('USERS_URL', 'http://127.0.0.1:9001')] }), policies: [stamp(${options})] })
  ]
})
`
}

interface Ended { readonly code: number | null, readonly text: string }

function gwc (args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args], { cwd: project, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => { text += String(part) })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, text }))
  })
}

test('validate and lint take a config that uses it', async (t) => {
  const both = await Promise.all([gwc(['validate']), gwc(['lint', '--no-types'])])
  for (const { code, text } of both) t.is(code, 0, text)
})

test('validate shows its problems at their place, and knows its options', async (t) => {
  const [broken, misspelt] = await Promise.all([gwc(['validate', '--no-types', '--config', 'broken.config.ts']), gwc(['validate', '--no-types', '--config', 'misspelt.config.ts'])])
  t.is(broken.code, 1, broken.text)
  t.regex(broken.text, /stamp\/conflict/)
  t.regex(broken.text, /broken\.config\.ts:7:/)
  t.is(misspelt.code, 1, misspelt.text)
  t.regex(misspelt.text, /sett/)
})

test('compile writes it into the bundle, which names the version that a runtime must know', async (t) => {
  const file = join(project, 'bundle.json')
  const { code, text } = await gwc(['compile', '--no-types', '--out', file])
  t.is(code, 0, text)
  const { bundle } = JSON.parse(readFileSync(file, 'utf8')) as { bundle: { requires: string[], policies: { name: string, options: unknown }[] } }
  t.deepEqual(bundle.requires, ['stamp@1'])
  t.deepEqual(bundle.policies.map(({ name, options }) => ({ name, options })), [{ name: 'stamp', options: { response: { set: { 'x-stamp': '{id}' }, on: 'all' } } }])
})

test('routes, explain and rules know it', async (t) => {
  const [routes, explain, rules] = await Promise.all([gwc(['routes', '--no-types']), gwc(['explain', '--no-types', 'GET http://127.0.0.1/users/7']), gwc(['rules'])])
  t.is(routes.code, 0, routes.text)
  t.regex(routes.text, /stamp/)
  t.is(explain.code, 0, explain.text)
  t.regex(explain.text, /stamp/)
  t.is(rules.code, 0, rules.text)
  t.regex(rules.text, /stamp\/protected-name/)
})

test('serve runs it: a real request passes through it', async (t) => {
  const upstream = createServer((_request, response) => { response.end('user') })
  await new Promise<void>((resolve) => { upstream.listen(0, '127.0.0.1', resolve) })
  const env = { ...process.env, NO_COLOR: '1', PORT: '0', USERS_URL: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}` }
  const child = spawn(process.execPath, [cli, 'serve', '--config', 'gateway.config.ts', '--state-dir', join(package_, 'state')], { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = new Promise<number | null>((resolve) => { child.once('close', resolve) })
  try {
    const text = await saying([child.stdout, child.stderr], /http:\/\/127\.0\.0\.1:\d+/)
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
    t.not(url, undefined, text)
    const response = await fetch(`${url}/users/7`)
    t.is(response.status, 200)
    t.is(response.headers.get('x-stamp'), '7')
    t.is(await response.text(), 'user')
  } finally {
    child.kill('SIGTERM')
    await closed
    upstream.close()
    upstream.closeAllConnections()
  }
})

/** What the streams said until it matches; all of it when they end before. */
function saying (streams: readonly NodeJS.ReadableStream[], wanted: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    for (const stream of streams) {
      stream.on('data', (part) => {
        text += String(part)
        if (wanted.test(text)) resolve(text)
      })
    }
    streams[0]?.on('end', () => resolve(text))
  })
}
