import { execFileSync } from 'node:child_process'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { compileProcess } from '../compiler/commands/compile-process.ts'
import { askAdmin } from '../runtime/admin/client.ts'
import type { AdminAddress } from '../runtime/admin/address.ts'
import { parseGitAddress } from '../runtime/git/address.ts'
import { gitSource } from '../runtime/sources/git.ts'
import type { GitSourceOptions } from '../runtime/sources/git.ts'
import { startRuntime } from '../runtime/start.ts'
import type { Runtime, RuntimeOptions } from '../runtime/start.ts'
import { signBundle } from '../schema/signature.ts'
import { gitDaemon, gitFixture, gitHttp } from './support/git.ts'
import type { GitFixture } from './support/git.ts'
import { runGwc, serveGwc } from './support/gwc.ts'
import { bundleOf, keptAliveClient, revised, startUpstream, temporaryFolder, until } from './support/live.ts'

/** A config in two files, whose answers carry the version. */
const config = (upstream: string, version: string): Record<string, string> => ({
  'gateway.config.ts': `import { defineGateway, http } from 'gwc'
import { routes } from './routes.ts'

export default defineGateway({
  listeners: { public: http({ port: 0 }) },
  routes
})
`,
  'routes.ts': `import { route, upstream } from 'gwc'
import { headers } from 'gwc/policies'

const app = upstream('app', { targets: ['${upstream}'] })
export const routes = [
  route('/*', { to: app, policies: [headers({ response: { set: { 'x-version': '${version}' } } })] })
]
`
})

interface Scene {
  readonly repository: GitFixture
  readonly upstream: string
  readonly folder: string
  start (url: string, source?: Partial<GitSourceOptions>, options?: Partial<RuntimeOptions>): Promise<Runtime>
  version (runtime: Runtime): Promise<string | undefined>
}

async function scene (t: ExecutionContext): Promise<Scene> {
  const { folder, remove } = temporaryFolder()
  t.teardown(remove)
  const upstream = await startUpstream()
  t.teardown(upstream.close)
  const client = keptAliveClient()
  t.teardown(client.close)
  return {
    repository: await gitFixture(folder),
    upstream: upstream.url,
    folder,
    async start (url, source = {}, options = {}) {
      const address = parseGitAddress(url, '/')
      if (typeof address === 'string') throw new Error(address)
      const stateFolder = join(folder, 'state')
      const take = { config: undefined, compile: compileProcess(process.env, false) }
      const runtime = await startRuntime({ source: gitSource({ address, ref: 'main', stateFolder, poll: 3_600_000, take, allowRewind: false, ...source }), stateFolder, ...options })
      t.teardown(() => runtime.close(0))
      return runtime
    },
    async version (runtime) {
      const { listeners: [listener] } = await runtime.status()
      return listener === undefined ? undefined : (await client.get(`http://127.0.0.1:${listener.port}/`)).headers['x-version'] as string | undefined
    }
  }
}

/** Sends a webhook to the admin listener and answers its status. */
function hook (admin: AdminAddress, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
  const where = 'path' in admin ? { socketPath: admin.path } : admin
  return new Promise((resolve, reject) => {
    request({ ...where, path: '/-/hooks/git', method: 'POST', headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    }).on('error', reject).end(body)
  })
}

const hmac = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex')

test.serial('a push is live at once by webhook, long before the next poll; one that does not compile changes nothing and is explained', async (t) => {
  const { repository, upstream, start, version } = await scene(t)
  const daemon = await gitDaemon(repository.base)
  t.teardown(daemon.close)
  const first = await repository.push(config(upstream, '1'))
  const runtime = await start(daemon.url, {}, { webhook: { secret: () => 'shared' } })
  t.is(await version(runtime), '1')
  t.is((await runtime.status()).active!.revision!.commit, first)

  const body = '{"ref":"refs/heads/main"}'
  const signature = `sha256=${hmac('shared', body)}`
  t.is(await hook(runtime.admin!, { 'x-hub-signature-256': `sha256=${hmac('wrong', body)}` }, body), 401)
  t.is(await hook(runtime.admin!, {}, body), 401)
  t.is(await hook(runtime.admin!, { 'x-gitlab-token': 'wrong' }, body), 401)
  t.is(await version(runtime), '1')

  await repository.push(config(upstream, '1.1'))
  const pushed = performance.now()
  t.is(await hook(runtime.admin!, { 'x-hub-signature-256': signature, 'x-github-delivery': 'a1' }, body), 202)
  await until(() => version(runtime), (found) => found === '1.1', 'the push')
  t.log(`live ${(performance.now() - pushed).toFixed(0)} ms after the push`)
  await repository.push(config(upstream, '2'))
  t.is(await hook(runtime.admin!, { 'x-gitea-delivery': 'g', 'x-hub-signature-256': signature }, body), 202)
  await until(() => version(runtime), (found) => found === '2', 'the push')
  t.is(await hook(runtime.admin!, { 'x-hub-signature-256': signature, 'x-github-delivery': 'a1' }, body), 409, 'a replay')

  const broken = await repository.push({ ...config(upstream, '3'), 'routes.ts': config(upstream, '3')['routes.ts']!.replace("route('/*'", "route('/*/x'") })
  t.is(await hook(runtime.admin!, { 'x-gitlab-token': 'shared', 'x-gitlab-event-uuid': 'b' }, body), 202)
  const { rejected, active } = await until(() => runtime.status(), (status) => status.rejected !== null, 'the rejection')
  t.is(rejected!.revision, broken)
  t.is(rejected!.rejection.phase, 'compile')
  const [finding] = rejected!.rejection.diagnostics!
  t.like(finding, { severity: 'error', file: 'routes.ts', line: 6 })
  t.true(finding!.column! > 1)
  t.regex(rejected!.rejection.frames!, /routes\.ts:6:\d+[^]*route\('\/\*\/x'/, 'with a frame into the source')
  t.is(await version(runtime), '2')
  t.not(active!.revision!.commit, broken)

  await repository.push(config(upstream, '4'))
  const time = String(Math.floor(Date.now() / 1000))
  t.is(await hook(runtime.admin!, { 'x-gwc-signature': `t=${Number(time) - 900},v1=${hmac('shared', `${Number(time) - 900}.${body}`)}` }, body), 401, 'too old')
  t.is(await hook(runtime.admin!, { 'x-gwc-signature': `t=${time},v1=${hmac('shared', `${time}.${body}`)}` }, body), 202)
  await until(() => version(runtime), (found) => found === '4', 'the good push')
  t.is((await runtime.status()).rejected, null)
})

test.serial('without a webhook the next poll finds a push, over http', async (t) => {
  const { repository, upstream, start, version } = await scene(t)
  const server = await gitHttp(repository.base)
  t.teardown(server.close)
  await repository.push(config(upstream, '1'))
  const runtime = await start(server.url, { poll: 300 })
  t.is(await version(runtime), '1')
  await repository.git('remote', 'set-url', 'origin', server.url)
  await repository.push(config(upstream, '2'))
  await until(() => version(runtime), (found) => found === '2', 'the poll')
  t.is((await runtime.status()).source.state, 'synced')
})

test.serial('rewritten history, links and submodules are refused', async (t) => {
  const { repository, upstream, start, version } = await scene(t)
  await repository.push(config(upstream, '0'))
  const good = await repository.push(config(upstream, '1'))
  const runtime = await start(repository.bare, {}, { webhook: { secret: () => 'shared', listen: { host: '127.0.0.1', port: 0 } } })
  t.is(await version(runtime), '1')
  t.is(await hook(runtime.webhook!, {}, '{}'), 401, 'webhooks have an address of their own')
  t.is(await hook(runtime.webhook!, { 'x-gitlab-token': 'shared' }, 'x'.repeat(6 * 1024 * 1024)).catch(() => 413), 413, 'and a limit')
  t.is((await askAdmin(runtime.webhook!, 'GET', '/status')).status, 404, 'where nothing else is served')
  t.is(await hook(runtime.admin!, { 'x-gitlab-token': 'shared' }, '{}'), 404, 'and not on the admin listener')

  const refused = async (phase: string, reason: RegExp): Promise<void> => {
    const result = await runtime.reload()
    t.is(result.kind, 'rejected')
    const { rejected } = await runtime.status()
    t.is(rejected!.rejection.phase as string, phase)
    t.regex(rejected!.rejection.reason, reason)
    t.is(await version(runtime), '1')
  }

  await repository.git('reset', '--quiet', '--hard', 'HEAD^')
  await repository.push(config(upstream, 'rewritten'), '--force')
  await refused('trust', /history was rewritten/)

  await repository.git('reset', '--quiet', '--hard', good)
  execFileSync('ln', ['-s', '/etc/hosts', join(repository.work, 'hosts')])
  await repository.push({}, '--force')
  await refused('fetch', /hosts is a symbolic link/)

  await repository.git('reset', '--quiet', '--hard', good)
  await repository.git('update-index', '--add', '--cacheinfo', `160000,${good},vendored`)
  await repository.git('commit', '--quiet', '-m', 'submodule')
  await repository.git('push', '--quiet', '--force', 'origin', 'main')
  await refused('fetch', /vendored is a submodule/)

  await repository.git('reset', '--quiet', '--hard', good)
  await repository.push({ 'lib/__proto__/x.ts': '' }, '--force')
  await refused('fetch', /is not allowed/)

  await repository.git('reset', '--quiet', '--hard', good)
  await repository.push(config(upstream, '2'), '--force')
  t.is((await runtime.reload()).kind, 'published', 'a descendant of the active commit is taken')
  t.is(await version(runtime), '2')
})

test.serial('commits need a signature of an allowed signer, and CI may leave a signed bundle', async (t) => {
  const { repository, upstream, start, folder } = await scene(t)
  const key = (name: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)])
    return join(folder, name)
  }
  const [ours, strange] = [key('ours'), key('strange')]
  const allowedSigners = join(folder, 'allowed')
  writeFileSync(allowedSigners, `test@example.com ${readFileSync(`${ours}.pub`, 'utf8')}`)
  const keys = generateKeyPairSync('ed25519')
  const bundle = await bundleOf({ listeners: { public: { port: 0 } }, upstreams: { app: { targets: [upstream] } }, routes: [{ match: '/*', to: 'app' }] })
  const signed = (sequence: number): Record<string, string> => {
    const text = revised(bundle, sequence)
    return { 'dist/bundle.json': text, 'dist/bundle.json.sig': signBundle(Buffer.from(text), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()) }
  }
  const commitWith = async (signer: string, files: Readonly<Record<string, string>>): Promise<void> => {
    await repository.push(files)
    await repository.git('-c', 'gpg.format=ssh', '-c', `user.signingkey=${signer}`, 'commit', '--quiet', '--allow-empty', '-S', '-m', 'signed')
    await repository.git('push', '--quiet', 'origin', 'main')
  }

  await commitWith(ours, signed(1))
  const runtime = await start(repository.bare, { take: { bundle: 'dist/bundle.json' }, allowedSigners }, { publicKeys: [keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()] })
  t.is((await runtime.status()).active?.revision?.sequence, 1)

  await repository.push(signed(2))
  t.like(await runtime.reload(), { kind: 'rejected', rejection: { phase: 'trust' } }, 'unsigned commit')
  await commitWith(strange, signed(3))
  t.like(await runtime.reload(), { kind: 'rejected', rejection: { phase: 'trust' } }, 'a stranger signed')
  await commitWith(ours, { ...signed(4), 'dist/bundle.json.sig': signed(3)['dist/bundle.json.sig']! })
  t.like(await runtime.reload(), { kind: 'rejected', rejection: { phase: 'trust' } }, 'the bundle\'s own signature is wrong')
  t.is((await runtime.status()).active?.revision?.sequence, 1)
  await commitWith(ours, signed(5))
  t.like(await runtime.reload(), { kind: 'published' })
})

test.serial('killed, and with the repository away, gwc serve starts with the last good bundle; gwc status tells', async (t) => {
  const { repository, upstream, folder } = await scene(t)
  await repository.push(config(upstream, '1'))
  const state = join(folder, 'served')
  const args = ['--git', repository.bare, '--state-dir', state, '--poll', '200ms']
  const status = (): Promise<{ code: number | null, text: string }> => runGwc(['status', '--state-dir', state])
  const client = keptAliveClient()
  t.teardown(client.close)
  t.is((await status()).code, 74, 'nobody is there')

  const first = await serveGwc(t, args)
  t.is((await client.get(first.url)).headers['x-version'], '1')
  t.is((await status()).code, 0)
  await repository.push({ 'gateway.config.ts': 'export default 1' })
  const rejected = await until(status, ({ code }) => code === 1, 'the rejection')
  t.regex(rejected.text, /rejected/)
  t.regex(rejected.text, /gateway\.config\.ts:1:/)
  t.is((await client.get(first.url)).headers['x-version'], '1')
  process.kill(first.pid, 'SIGKILL')
  await first.ended

  renameSync(repository.bare, `${repository.bare}.away`)
  const second = await serveGwc(t, args)
  t.is((await client.get(second.url)).headers['x-version'], '1')
  const told = JSON.parse((await runGwc(['status', '--state-dir', state, '--format', 'json'])).text) as object
  t.like(told, { active: { restored: true } })
  process.kill(second.pid, 'SIGTERM')
  t.is(await second.ended, 0, 'and ends in order')
})
