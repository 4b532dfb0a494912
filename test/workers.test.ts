import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { RuntimeEvent } from '../runtime/events.ts'
import { startRuntime } from '../runtime/start.ts'
import type { Runtime, RuntimeOptions } from '../runtime/start.ts'
import { programSource } from '../runtime/sources/program.ts'
import type { ProgramSource } from '../runtime/sources/program.ts'
import { serveGwc } from './support/gwc.ts'
import { answers, bundleOf, keptAliveClient, revised, startUpstream, temporaryFolder, until } from './support/live.ts'

interface Rig {
  readonly runtime: Runtime
  readonly source: ProgramSource
  readonly events: RuntimeEvent[]
  url (): Promise<string>
}

async function rig (t: ExecutionContext, first: string, options: Partial<RuntimeOptions> = {}): Promise<Rig> {
  const { folder, remove } = temporaryFolder()
  const source = programSource('the test')
  const events: RuntimeEvent[] = []
  void source.offer(first)
  const runtime = await startRuntime({ source, stateFolder: folder, workers: 2, event: (event) => { events.push(event) }, ...options })
  t.teardown(async () => {
    await runtime.close(0)
    remove()
  })
  return { runtime, source, events, url: async () => `http://127.0.0.1:${(await runtime.status()).listeners[0]!.port}` }
}

const document = (url: string, policies: readonly object[] = []): object => ({
  listeners: { public: { port: 0 } }, upstreams: { app: { targets: [url] } }, routes: [{ match: '/*', to: 'app', policies }]
})

test.serial('two workers serve, a limit is one limit for both, and reloads keep it', async (t) => {
  const upstream = await startUpstream()
  t.teardown(upstream.close)
  const limit = 60
  const bundle = await bundleOf(document(upstream.url, [{ 'rate-limit': { id: 'all', limit, window: '1d', by: 'all', algorithm: 'sliding-window' } }]))
  const { runtime, source, url } = await rig(t, revised(bundle, 1))
  const base = await url()
  const clients = Array.from({ length: 8 }, () => keptAliveClient())
  t.teardown(() => { for (const client of clients) client.close() })
  const ask = (rounds: number): Promise<number[]> => Promise.all(clients.map(async (client) => {
    const found: number[] = []
    for (let n = 0; n < rounds; n++) found.push((await client.get(base)).status)
    return found
  })).then((all) => all.flat())

  const before = await ask(5)
  const reloads = (async () => {
    for (let n = 2; n <= 11; n++) if ((await source.offer(revised(bundle, n))).kind !== 'published') t.fail(`reload ${n}`)
  })()
  const after = await ask(15)
  await reloads
  const all = [...before, ...after]
  t.is(all.filter((status) => status === 200).length, limit, 'exactly as many as the limit pass')
  t.is(all.filter((status) => status === 429).length, all.length - limit)
  t.true(clients.every(({ opened }) => opened === 1))

  const { processes, counters, active } = await runtime.status()
  t.deepEqual(processes.map(({ worker, digest }) => [worker, digest]), [[1, active!.digest], [2, active!.digest]])
  t.true(processes.every(({ exchanges }) => (exchanges['ok'] ?? 0) + (exchanges['rate-limited'] ?? 0) > 0), 'both took part')
  t.is(counters['all']?.['refused'] ?? Object.values(counters)[0]?.['refused'], all.length - limit)
})

test.serial('workers keep the limits of an upstream together', async (t) => {
  const held: (() => void)[] = []
  let refused = 0
  const release = (): void => { if (held.length + refused === clients.length) for (const answer of held) answer() }
  const upstream = await startUpstream((_req, res) => {
    held.push(() => { res.end() })
    release()
  })
  t.teardown(upstream.close)
  const clients = Array.from({ length: 12 }, () => keptAliveClient())
  t.teardown(() => { for (const client of clients) client.close() })
  const { url } = await rig(t, revised(await bundleOf({
    listeners: { public: { port: 0 } }, upstreams: { app: { targets: [upstream.url], limits: { connections: 3, pending: 0 } } }, routes: [{ match: '/*', to: 'app' }]
  }), 1))
  const base = await url()
  const statuses = await Promise.all(clients.map(async (client) => {
    const { status } = await client.get(base)
    if (status !== 200) refused++
    release()
    return status
  }))
  t.deepEqual(statuses.sort(), [...Array.from({ length: 3 }, () => 200), ...Array.from({ length: 9 }, () => 503)])
})

test.serial('if one worker cannot prepare, none publishes, and the status says which and why', async (t) => {
  const upstream = await startUpstream()
  t.teardown(upstream.close)
  const bundle = await bundleOf(document(upstream.url))
  const { runtime, source, url } = await rig(t, revised(bundle, 1), { workerEnv: (worker): Record<string, string> => worker === 1 ? { GWC_TEST_ONLY_ONE: 'x' } : {} })
  const before = await runtime.status()
  const needy = { ...bundle, secrets: ['GWC_TEST_ONLY_ONE'] }
  t.like(await source.offer(revised(needy, 2)), { kind: 'rejected', rejection: { phase: 'prepare' } })
  const after = await runtime.status()
  t.is(after.rejected!.rejection.reason, 'worker 2: secret GWC_TEST_ONLY_ONE is neither in the environment')
  t.deepEqual(after.processes.map(({ digest }) => digest), before.processes.map(({ digest }) => digest))
  t.is((await keptAliveClient().get(await url())).status, 200)
  t.is((await source.offer(revised(bundle, 3))).kind, 'published', 'and the next good one is taken')
})

test.serial('a worker that dies is replaced, and comes up with what is served', async (t) => {
  const upstream = await startUpstream()
  t.teardown(upstream.close)
  const limit = 30
  const bundle = await bundleOf(document(upstream.url, [{ 'rate-limit': { limit, window: '1d', by: 'all', algorithm: 'sliding-window' } }]))
  const { runtime, events, url } = await rig(t, revised(bundle, 1))
  const base = await url()
  const statuses: number[] = []
  const ask = async (): Promise<void> => { statuses.push((await keptAliveClient().get(base)).status) }
  for (let n = 0; n < 10; n++) await ask()
  const victim = (await runtime.status()).processes[0]!
  process.kill(victim.pid, 'SIGKILL')
  const { processes, active } = await until(() => runtime.status(), ({ processes }) => processes.length === 2 && processes[0]!.pid !== victim.pid && processes[0]!.digest !== null, 'the replacement')
  t.deepEqual(processes.map(({ digest }) => digest), [active!.digest, active!.digest])
  t.like(events.find(({ kind }) => kind === 'worker-ended'), { worker: 1, how: 'SIGKILL' })
  for (let n = 0; n < 40; n++) await ask()
  t.is(statuses.filter((status) => status === 200).length, limit, 'the count survives the worker')
  t.is(await url(), base)
})

test.serial('gwc serve --workers reloads a bundle file that is replaced, and SIGTERM lets requests end', async (t) => {
  let asked = (_finish: () => void): void => {}
  const slowly = new Promise<() => void>((resolve) => { asked = resolve })
  const upstream = await startUpstream((req, res) => {
    req.resume()
    if (req.url !== '/slow') return res.end('ok')
    res.write('slow ')
    asked(() => res.end('but sure'))
  })
  t.teardown(upstream.close)
  const { folder, remove } = temporaryFolder()
  t.teardown(remove)
  const bundle = await bundleOf(document(upstream.url))
  const file = join(folder, 'gateway.bundle.json')
  const write = (sequence: number): void => {
    writeFileSync(`${file}.new`, revised(bundle, sequence))
    renameSync(`${file}.new`, file)
  }
  write(1)
  const gwc = await serveGwc(t, ['--bundle', file, '--workers', '2', '--state-dir', join(folder, 'state')])
  const base = gwc.url
  const client = keptAliveClient(2)
  t.teardown(client.close)
  t.is((await client.get(base)).body, 'ok')
  write(2)
  await gwc.says(/serving [^]*public/)
  t.is((await client.get(base)).body, 'ok')

  const slow = client.get(`${base}/slow`)
  const finish = await slowly
  gwc.kill('SIGTERM')
  await until(() => answers(Number(new URL(base).port)), (open) => !open, 'the socket to close')
  finish()
  t.is((await slow).body, 'slow but sure')
  t.is(await gwc.ended, 0)
  t.regex(readFileSync(join(folder, 'state', 'bundles', 'index.json'), 'utf8'), /sha256:/)
})

test.serial('workers whose primary is killed end the requests that they have', async (t) => {
  let asked = (_finish: () => void): void => {}
  const slowly = new Promise<() => void>((resolve) => { asked = resolve })
  const upstream = await startUpstream((_req, res) => {
    res.write('slow ')
    asked(() => res.end('but sure'))
  })
  t.teardown(upstream.close)
  const { folder, remove } = temporaryFolder()
  t.teardown(remove)
  const file = join(folder, 'gateway.bundle.json')
  writeFileSync(file, revised(await bundleOf(document(upstream.url)), 1))
  const gwc = await serveGwc(t, ['--bundle', file, '--workers', '2', '--state-dir', join(folder, 'state')])
  const client = keptAliveClient(1)
  t.teardown(client.close)
  const slow = client.get(`${gwc.url}/slow`)
  const finish = await slowly
  gwc.kill('SIGKILL')
  await until(() => answers(Number(new URL(gwc.url).port)), (open) => !open, 'the socket to close')
  finish()
  t.is((await slow).body, 'slow but sure')
})
