import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { Outcome } from '../runtime/candidate.ts'
import { askAdmin } from '../runtime/admin/client.ts'
import { startRuntime } from '../runtime/start.ts'
import type { Runtime, RuntimeOptions } from '../runtime/start.ts'
import { httpSource } from '../runtime/sources/http.ts'
import { programSource } from '../runtime/sources/program.ts'
import type { ProgramSource } from '../runtime/sources/program.ts'
import type { RuntimeEvent } from '../runtime/events.ts'
import { createState } from '../runtime/state.ts'
import type { Lease } from '../runtime/state.ts'
import { registry } from '../policies/registry.ts'
import type { Bundle } from '../schema/bundle.ts'
import { writeBundle } from '../schema/bundle-file.ts'
import { definePolicy } from '../schema/policy.ts'
import type { AnyPolicy } from '../schema/policy.ts'
import { signBundle } from '../schema/signature.ts'
import { runGwc, serveGwc } from './support/gwc.ts'
import { bundleOf, keptAliveClient, revised, startUpstream, temporaryFolder, until } from './support/live.ts'
import type { TestUpstream } from './support/live.ts'

/** A runtime in this process, fed by the test. */
interface Rig {
  readonly runtime: Runtime
  readonly source: ProgramSource
  readonly events: RuntimeEvent[]
  readonly folder: string
  /** Offers a bundle and resolves when it is served or refused. */
  load (text: string, signature?: string): Promise<Outcome>
  url (listener?: string): Promise<string>
}

async function rig (t: ExecutionContext, first: string | undefined, options: Partial<RuntimeOptions> = {}): Promise<Rig> {
  const { folder, remove } = temporaryFolder()
  const source = programSource('the test')
  if (first !== undefined) void source.offer(first)
  const events: RuntimeEvent[] = []
  const runtime = await startRuntime({ source, stateFolder: folder, event: (event) => { events.push(event) }, ...options })
  t.teardown(async () => {
    await runtime.close(0)
    remove()
  })
  return {
    runtime, source, events, folder,
    load: source.offer,
    async url (listener = 'public') {
      const { listeners } = await runtime.status()
      return `http://127.0.0.1:${listeners.find(({ name }) => name === listener)!.port}`
    }
  }
}

async function upstreamFor (t: ExecutionContext, listener?: Parameters<typeof startUpstream>[0]): Promise<TestUpstream> {
  const upstream = await startUpstream(listener)
  t.teardown(upstream.close)
  return upstream
}

const document = (url: string, more: object = {}) => ({
  listeners: { public: { port: 0 } },
  upstreams: { app: { targets: [url] } },
  routes: [{ match: '/*', to: 'app' }],
  ...more
})

function collectGarbage (): void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()
  gc()
}

test.serial('200 reloads under constant traffic fail no request, cut no stream, reset no limit and leave no memory', async (t) => {
  const streams = new Set<() => void>()
  const upstream = await upstreamFor(t, (req, res) => {
    if (req.url === '/stream') {
      res.write('begin ')
      streams.add(() => res.end('end'))
    } else if (req.url === '/upload') {
      let bytes = 0
      req.on('data', (part: Buffer) => { bytes += part.length }).on('end', () => { res.end(String(bytes)) })
    } else {
      req.resume()
      res.end(`${req.url}`)
    }
  })
  const limit = 1_000_000
  const one = await bundleOf(document(upstream.url, { routes: [{ match: '/*', to: 'app' }, { match: 'GET /limited', to: 'app', policies: [{ 'rate-limit': { id: 'all', limit, window: '1d', by: 'all', algorithm: 'sliding-window' } }] }] }))
  const two = await bundleOf(document(upstream.url, { routes: [{ match: '/*', to: 'app', policies: [{ headers: { response: { set: { 'x-bundle': 'two' } } } }] }, { match: 'GET /limited', to: 'app', policies: [{ 'rate-limit': { id: 'all', limit, window: '1d', by: 'all', algorithm: 'sliding-window' } }] }] }))
  const { load, url, runtime } = await rig(t, revised(one, 1), { drainMs: 60_000 })
  const base = await url()

  const stream = await new Promise<IncomingMessage>((resolve, reject) => { request(`${base}/stream`, resolve).on('error', reject).end() })
  const upload = request(`${base}/upload`, { method: 'POST' })
  const uploaded = once(upload, 'response') as Promise<[IncomingMessage]>
  upload.write('x'.repeat(1000))

  let stop = false
  let limited = 0
  const failures: unknown[] = []
  const seen = new Set<string | undefined>()
  const clients = Array.from({ length: 6 }, () => keptAliveClient())
  const traffic = clients.map(async (client, index) => {
    for (let n = 0; !stop; n++) {
      const path = index < 2 ? '/limited' : `/path/${index}/${n}`
      const answer = await client.get(`${base}${path}`).catch((error: Error) => ({ status: error.message, body: '', headers: {} as Record<string, string> }))
      if (index < 2) limited++
      else seen.add(answer.headers['x-bundle'] as string | undefined)
      if (answer.status !== 200 || answer.body !== path) failures.push(answer)
    }
  })

  const heaps: number[] = []
  for (let n = 2; n <= 201; n++) {
    const result = await load(revised(n % 2 === 0 ? two : one, n))
    if (result.kind !== 'published') t.fail(`reload ${n}: ${JSON.stringify(result)}`)
    if (n === 60 || n === 201) {
      collectGarbage()
      heaps.push(process.memoryUsage().heapUsed)
    }
  }
  stop = true
  await Promise.all(traffic)

  t.deepEqual(failures.slice(0, 3), [])
  t.deepEqual([...seen].sort(), ['two', undefined], 'both bundles served')
  t.deepEqual(clients.map(({ opened }) => opened), clients.map(() => 1), 'kept-alive connections live on')
  t.true(upstream.opened <= clients.length + 3, `pooled connections live on: ${upstream.opened} were opened`)

  const last = await clients[0]!.get(`${base}/limited`)
  t.regex(String(last.headers['ratelimit']), new RegExp(`;r=${limit - limited - 1};`), `${limited + 1} requests were counted`)
  t.true(limited > 200)

  upload.end('y'.repeat(500))
  for (const end of streams) end()
  let text = ''
  for await (const part of stream) text += String(part)
  t.is(text, 'begin end', 'a stream outlives 200 reloads')
  const [answer] = await uploaded
  t.is(await new Promise((resolve) => { answer.once('data', (part) => { resolve(String(part)) }) }), '1500', 'so does an upload')

  for (const client of clients) client.close()
  const [before, after] = heaps as [number, number]
  t.true(after - before < 3 * 1024 * 1024, `the heap grew from ${before} to ${after}`)
  t.is((await runtime.status()).processes[0]!.draining, 0, 'every replaced snapshot was disposed')
})

test.serial('state does not pile up over 600 reloads whose policy ids all differ', async (t) => {
  const upstream = await upstreamFor(t)
  const bundle = await bundleOf(document(upstream.url, { routes: [{ match: '/*', to: 'app', policies: [{ 'rate-limit': { limit: 10, window: '1m' } }] }] }))
  const renamed = (n: number): string => revised({ ...bundle, policies: bundle.policies.map((policy) => ({ ...policy, id: `id ${n}` })) }, n)
  const { load } = await rig(t, renamed(1), { admin: null })
  const heaps: number[] = []
  for (let n = 2; n <= 600; n++) {
    const { kind } = await load(renamed(n))
    if (kind !== 'published') t.fail(`reload ${n}: ${kind}`)
    if (n === 200 || n === 600) {
      collectGarbage()
      heaps.push(process.memoryUsage().heapUsed)
    }
  }
  // 400 waiting ledgers of about 1 KiB each may remain within the grace period.
  t.true(heaps[1]! - heaps[0]! < 3 * 1024 * 1024, `the heap grew from ${heaps[0]} to ${heaps[1]}`)
})

test.serial('a bundle that is refused changes nothing, and the status says why', async (t) => {
  const upstream = await upstreamFor(t)
  const bundle = await bundleOf(document(upstream.url))
  const keys = generateKeyPairSync('ed25519')
  const strangers = generateKeyPairSync('ed25519')
  const privatePem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const signed = (text: string): string => signBundle(Buffer.from(text), privatePem)
  const good = revised(bundle, 100)
  const { folder, remove } = temporaryFolder()
  t.teardown(remove)
  const { load, runtime, url } = await rig(t, undefined, { publicKeys: [keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()], stateFolder: folder })
  t.is((await load(good, signed(good))).kind, 'published')
  const base = await url()
  const digest = (await runtime.status()).active!.digest
  const client = keptAliveClient()
  t.teardown(client.close)

  const busy = createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  t.teardown(() => { busy.close() })
  const newer = (change: Partial<Bundle>): string => revised({ ...bundle, ...change }, 101)
  const route = bundle.routes[0]!
  const cases: readonly (readonly [what: string, text: string, signature: string | undefined, phase: string, reason: RegExp])[] = [
    ['damaged', newer({}).replace('app', 'apq'), undefined, 'trust', /not signed/],
    ['damaged after signing', newer({}).replace('app', 'apq'), signed(newer({})), 'trust', /no trusted key/],
    ['damaged and signed', newer({}).replace('app', 'apq'), signed(newer({}).replace('app', 'apq')), 'read', /damaged/],
    ['no bundle at all', 'nonsense', signed('nonsense'), 'read', /not JSON/],
    ['unsigned', newer({}), undefined, 'trust', /not signed/],
    ['signed by a stranger', newer({}), signBundle(Buffer.from(newer({})), strangers.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()), 'trust', /no trusted key/],
    ['older', revised(bundle, 99), signed(revised(bundle, 99)), 'trust', /older/],
    ['without revision', writeBundle({ ...bundle, revision: null }), signed(writeBundle({ ...bundle, revision: null })), 'trust', /names no revision/],
    ['of another format', newer({ format: { major: 9, minor: 0 } }), signed(newer({ format: { major: 9, minor: 0 } })), 'read', /format 9/],
    ['with an unknown policy', newer({ requires: ['headers@1', 'teleport@3'] }), signed(newer({ requires: ['headers@1', 'teleport@3'] })), 'prepare', /teleport@3/],
    ['with a missing secret', newer({ secrets: ['GWC_TEST_NO_SUCH_SECRET'] }), signed(newer({ secrets: ['GWC_TEST_NO_SUCH_SECRET'] })), 'prepare', /GWC_TEST_NO_SUCH_SECRET/],
    ['with a failing self-test', newer({ routes: [{ ...route, id: 'another' }] }), signed(newer({ routes: [{ ...route, id: 'another' }] })), 'self-test', /reaches another, the bundle promises/],
    ['on a busy port', newer({ listeners: [...bundle.listeners, { ...bundle.listeners[0]!, name: 'second', port: (busy.address() as AddressInfo).port }] }), undefined, 'bind', /in use/]
  ]
  for (const [what, text, signature, phase, reason] of cases) {
    const result = await load(text, phase === 'bind' ? signed(text) : signature)
    const { active, rejected } = await runtime.status()
    t.is(result.kind, 'rejected', what)
    t.is(active?.digest, digest, what)
    t.is(rejected?.rejection.phase as string, phase, what)
    t.regex(rejected!.rejection.reason, reason, what)
    t.is((await client.get(`${base}/${phase}`)).body, `GET /${phase}`, what)
  }
  t.is(client.opened, 1)

  const better = revised(bundle, 102)
  t.is((await load(better, signed(better))).kind, 'published')
  t.is((await runtime.status()).rejected, null, 'a good bundle clears the rejection')
  t.is((await load(better, signed(better))).kind, 'unchanged', 'the same digest is no reload')
})

test.serial('a replaced snapshot lets go at its deadline, and a stream that still has it goes on', async (t) => {
  let finish = (): void => {}
  const upstream = await upstreamFor(t, (_req, res) => {
    res.write('begin ')
    finish = () => res.end('end')
  })
  const bundle = await bundleOf(document(upstream.url))
  const { load, url, runtime } = await rig(t, revised(bundle, 1), { drainMs: 30 })
  const base = await url()
  const stream = await new Promise<IncomingMessage>((resolve, reject) => { request(base, resolve).on('error', reject).end() })
  await load(revised(bundle, 2))
  await until(() => runtime.status(), ({ processes }) => processes[0]!.draining === 0, 'the deadline')
  finish()
  let text = ''
  for await (const part of stream) text += String(part)
  t.is(text, 'begin end')
})

test.serial('of bundles that come together the newest wins', async (t) => {
  const upstream = await upstreamFor(t)
  const bundle = await bundleOf(document(upstream.url))
  const { source, runtime } = await rig(t, revised(bundle, 1))
  const outcomes = await Promise.all([2, 3, 4, 5].map((n) => source.offer(revised(bundle, n))))
  t.deepEqual(outcomes.map(({ kind }) => kind), ['published', 'superseded', 'superseded', 'published'])
  t.is((await runtime.status()).active?.revision?.sequence, 5)
})

test.serial('listeners come, go, and keep their sockets over reloads', async (t) => {
  let finish = (): void => {}
  const upstream = await upstreamFor(t, (req, res) => {
    req.resume()
    if (req.url !== '/slow') return res.end('ok')
    res.write('slow ')
    finish = () => res.end('but sure')
  })
  const listeners = (names: readonly string[]): object => ({ listeners: Object.fromEntries(names.map((name) => [name, { port: 0 }])) })
  const bundle = async (names: readonly string[]): Promise<Bundle> => bundleOf(document(upstream.url, listeners(names)))
  const { load, url, runtime } = await rig(t, revised(await bundle(['public']), 1))
  const kept = keptAliveClient()
  t.teardown(kept.close)
  const base = await url()
  await kept.get(`${base}/`)

  await load(revised(await bundle(['public', 'extra']), 2))
  t.is(await url(), base, 'an unchanged listener keeps its port')
  t.is((await kept.get(`${base}/`)).status, 200)
  const extra = await url('extra')
  t.not(extra, base)
  const slow = await new Promise<IncomingMessage>((resolve, reject) => { request(`${extra}/slow`, resolve).on('error', reject).end() })

  await load(revised(await bundle(['public']), 3))
  t.deepEqual((await runtime.status()).listeners.map(({ name }) => name), ['public'])
  await t.throwsAsync(keptAliveClient().get(`${extra}/`), { message: /ECONNREFUSED/ }, 'a removed listener accepts no more')
  finish()
  let text = ''
  for await (const part of slow) text += String(part)
  t.is(text, 'slow but sure', 'but what is under way ends')
  t.is((await kept.get(`${base}/`)).status, 200)
  t.is(kept.opened, 1)

  // Renamed, on the same address: a port that is given cannot be bound twice.
  const port = Number(new URL(extra).port)
  const fixed = async (name: string): Promise<Bundle> => bundleOf(document(upstream.url, { listeners: { public: { port: 0 }, [name]: { port } } }))
  t.is((await load(revised(await fixed('old-name'), 4))).kind, 'published')
  const renamed = keptAliveClient()
  t.teardown(renamed.close)
  t.is((await renamed.get(`${extra}/`)).status, 200)
  t.is((await load(revised(await fixed('new-name'), 5))).kind, 'published')
  t.is((await renamed.get(`${extra}/`)).status, 200)
  t.is(renamed.opened, 1, 'a renamed listener keeps its connections')
  t.deepEqual((await runtime.status()).listeners.map(({ name }) => name).sort(), ['new-name', 'public'])
})

test.serial('an unchanged target keeps its connections, and secrets rotate without a reload', async (t) => {
  const upstream = await upstreamFor(t, (req, res) => { res.end(String(req.headers['x-secret'])) })
  const { folder, remove } = temporaryFolder()
  t.teardown(remove)
  writeFileSync(join(folder, 'TOKEN'), 'first\n')
  let now = 0
  const showSecret = definePolicy({
    name: 'show-secret', version: 1, summary: 'For this test.', targets: ['route'], phase: 'transform', guards: 'nothing', schema: {}, problems: [],
    compare: () => 'equal',
    create: (_options, host) => ({ request (exchange) { exchange.requestEdits.set('x-secret', host.secret({ $secret: 'TOKEN' })); return undefined } })
  }) as AnyPolicy
  const bundle = await bundleOf(document(upstream.url))
  const text = revised({
    ...bundle, requires: ['show-secret@1'], secrets: ['TOKEN'],
    policies: [{ id: 'x', name: 'show-secret', version: 1, mode: 'enforce', options: {} }], chains: bundle.chains.map(() => [0])
  }, 1)
  const clock = { now: () => now, wall: () => now }
  const { url, load } = await rig(t, text, { clock, secretsFolder: folder, registry: new Map([...registry, ['show-secret', showSecret]]) })
  const client = keptAliveClient()
  t.teardown(client.close)
  t.is((await client.get(await url())).body, 'first')
  writeFileSync(join(folder, 'TOKEN'), 'second')
  now += 2_000
  t.is((await client.get(await url())).body, 'second')
  await load(revised(bundle, 2))
  t.is((await client.get(await url())).body, 'undefined')
  t.is(upstream.opened, 1)
})

test.serial('last-known-good bundles: three are kept, verified again, and a damaged one falls back to the one before', async (t) => {
  const upstream = await upstreamFor(t)
  const bundle = await bundleOf(document(upstream.url))
  const { folder, remove } = temporaryFolder()
  t.teardown(remove)
  const { load, runtime } = await rig(t, revised(bundle, 1), { stateFolder: folder })
  for (let n = 2; n <= 5; n++) await load(revised(bundle, n))
  await runtime.close(0)
  const kept = join(folder, 'bundles')
  t.is(readdirSync(kept).length, 4, 'three bundles and the index')

  const restart = async (): Promise<number | undefined> => {
    const again = await startRuntime({ source: programSource('nothing'), stateFolder: folder })
    const { active } = await again.status()
    await again.close(0)
    t.true(active === null || active.restored)
    return active?.revision?.sequence
  }
  t.is(await restart(), 5)
  const index = JSON.parse(readFileSync(join(kept, 'index.json'), 'utf8')) as { digest: string }[]
  const file = (n: number): string => join(kept, `${index[n]!.digest.replace('sha256:', '')}.json`)
  writeFileSync(file(0), readFileSync(file(0), 'utf8').replace('app', 'apq'))
  t.is(await restart(), 4)
  writeFileSync(file(1), '')
  t.is(await restart(), 3)
  t.true(existsSync(file(2)))
})

test.serial('the admin listener tells, reloads, and refuses web pages', async (t) => {
  const upstream = await upstreamFor(t)
  const bundle = await bundleOf(document(upstream.url))
  const { runtime, source } = await rig(t, revised(bundle, 1), { admin: { host: '127.0.0.1', port: 0 } })
  const address = runtime.admin as { host: string, port: number }
  t.deepEqual(await askAdmin(address, 'GET', '/healthz'), { status: 200, body: { ok: true } })
  t.deepEqual(await askAdmin(address, 'GET', '/readyz'), { status: 200, body: { ready: true } })
  await source.offer('nonsense')
  t.deepEqual(await askAdmin(address, 'POST', '/reload'), { status: 200, body: { kind: 'same' } })
  const status = (await askAdmin(address, 'GET', '/status')).body as { active: { revision: object }, rejected: { rejection: object } }
  t.like(status.active.revision, { sequence: 1 })
  t.like(status.rejected.rejection, { phase: 'read' })
  const foreign = await new Promise<number>((resolve, reject) => {
    request({ ...address, path: '/status', headers: { host: 'evil.example' } }, (response) => { resolve(response.statusCode!); response.resume() }).on('error', reject).end()
  })
  t.is(foreign, 403, 'a rebound name')
  const page = await new Promise<number>((resolve, reject) => {
    request({ ...address, path: '/reload', method: 'POST', headers: { origin: 'http://evil.example' } }, (response) => { resolve(response.statusCode!); response.resume() }).on('error', reject).end()
  })
  t.is(page, 403, 'a page of another site')
})

test.serial('a bundle on a web server is asked for by ETag and taken with its signature', async (t) => {
  const upstream = await upstreamFor(t)
  const bundle = await bundleOf(document(upstream.url))
  const keys = generateKeyPairSync('ed25519')
  const privatePem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  let sequence = 1
  let signedSequence = 1
  const asked: string[] = []
  const store = await upstreamFor(t, (req, res) => {
    asked.push(`${req.url} ${req.headers['if-none-match'] ?? '-'}`)
    if (req.url === '/b.json.sig') return res.end(signBundle(Buffer.from(revised(bundle, signedSequence)), privatePem))
    res.setHeader('etag', `"${sequence}"`)
    if (req.headers['if-none-match'] === `"${sequence}"`) return res.writeHead(304).end()
    res.end(revised(bundle, sequence))
  })
  const { folder, remove } = temporaryFolder()
  t.teardown(remove)
  const source = httpSource({ url: new URL(`http://user:pass@127.0.0.1:${store.port}/b.json`), poll: 100, signed: true, allowRewind: false })
  const runtime = await startRuntime({ source, stateFolder: folder, publicKeys: [keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()] })
  t.teardown(() => runtime.close(0))
  t.is((await runtime.status()).active?.revision?.sequence, 1)
  t.notRegex(JSON.stringify(await runtime.status()), /pass/, 'credentials are not shown')
  await until(async () => asked.at(-1), (last) => last === '/b.json "1"', 'a poll with the ETag')

  sequence = 2
  await until(() => runtime.status(), ({ rejected }) => rejected?.rejection.phase === 'trust', 'the refusal: the signature is still the old one')
  signedSequence = 2
  await until(() => runtime.status(), ({ active }) => active?.revision?.sequence === 2, 'both new')
})

test.serial('gwc serve compiles a config, follows its edits, explains mistakes, and does not start with one', async (t) => {
  const upstream = await upstreamFor(t)
  const { folder, remove } = temporaryFolder()
  t.teardown(remove)
  const write = (version: string, file = 'routes.ts'): void => {
    writeFileSync(join(folder, 'gateway.config.ts'), "import { defineGateway, http } from 'gwc'\nimport { routes } from './routes.ts'\nexport default defineGateway({ listeners: { public: http({ port: 0 }) }, routes })\n")
    writeFileSync(join(folder, file), `import { route, upstream } from 'gwc'
import { headers } from 'gwc/policies'
const app = upstream('app', { targets: ['${upstream.url}'] })
export const routes = [route('/${version}', { to: app, policies: [headers({ response: { set: { 'x-version': '${version}' } } })] })]
`)
  }
  const state = join(folder, 'state')
  write('*/x')
  const failed = await runGwc(['serve', '--state-dir', state], folder)
  t.is(failed.code, 1)
  t.regex(failed.text, /routes\.ts:4:/)

  write('a')
  const gwc = await serveGwc(t, ['--state-dir', state], folder)
  const client = keptAliveClient()
  t.teardown(client.close)
  t.is((await client.get(`${gwc.url}/a`)).headers['x-version'], 'a')
  t.is((await runGwc(['serve', '--state-dir', state], folder)).code, 74, 'one gateway per state folder')

  write('*/x')
  await gwc.says(/rejected at compile: [^]*routes\.ts:4:[^]*still serving/)
  t.is((await client.get(`${gwc.url}/a`)).headers['x-version'], 'a')
  t.is((await runGwc(['status', '--state-dir', state])).code, 1)
  write('b')
  await gwc.says(/serving/)
  t.is((await client.get(`${gwc.url}/b`)).headers['x-version'], 'b')
  t.is((await runGwc(['status', '--state-dir', state, '--wait'])).code, 0)
  gwc.kill('SIGTERM')
  t.is(await gwc.ended, 0)
})

test('gwc status tells an open breaker from closed ones', async (t) => {
  const { folder, remove } = temporaryFolder()
  t.teardown(remove)
  const failing = await startUpstream((_req, res) => { res.writeHead(500).end() })
  t.teardown(failing.close)
  const state = join(folder, 'state')
  const breaker = { failureRatio: 0.5, minRequests: 2, open: '1h' }
  writeFileSync(join(folder, 'gateway.config.json'), JSON.stringify({
    listeners: { public: { port: 0, address: '127.0.0.1' } },
    upstreams: { down: { targets: [failing.url], breaker }, up: { targets: [failing.url], breaker } },
    routes: [{ match: 'GET /down', to: 'down' }, { match: 'GET /up', to: 'up' }]
  }))
  const gwc = await serveGwc(t, ['--state-dir', state], folder)
  const client = keptAliveClient()
  t.teardown(client.close)
  const statuses: (number | undefined)[] = []
  for (let n = 0; n < 3; n++) statuses.push((await client.get(`${gwc.url}/down`)).status)
  t.deepEqual(statuses, [500, 500, 503])
  const { text } = await runGwc(['status', '--state-dir', state])
  t.regex(text, /upstream  down: 0 under way, 0 of them again, breaker open\n/)
  t.regex(text, /upstream  up: 0 under way, 0 of them again, breaker closed\n/)
  const { upstreams } = JSON.parse((await runGwc(['status', '--state-dir', state, '--format', 'json'])).text) as { upstreams: object }
  t.deepEqual(upstreams, [{ name: 'down', active: 0, retries: 0, breakers: { open: 1 } }, { name: 'up', active: 0, retries: 0, breakers: { closed: 1 } }])
})

test('state waits for its id to come back, but not for ever and not without bounds', (t) => {
  let now = 0
  const discarded: string[] = []
  const state = createState({ clock: { now: () => now, wall: () => now }, graceMs: 100, spare: 3 })
  const take = (lease: Lease, key: string): object => lease.take(key, () => ({ key }), () => { discarded.push(key) })
  const first = state.lease()
  const value = take(first, 'a')
  const second = state.lease()
  t.is(take(second, 'a'), value, 'two snapshots share it')
  first.end()
  second.end()
  now = 99
  const third = state.lease()
  t.is(take(third, 'a'), value, 'it waited')
  third.end()
  now = 200
  state.sweep()
  t.deepEqual(discarded, ['a'])
  const fourth = state.lease()
  t.not(take(fourth, 'a'), value)
  for (const key of ['b', 'c', 'd']) take(fourth, key)
  const unmade = fourth.hold('e', () => 1)
  fourth.end()
  t.deepEqual(discarded, ['a', 'a'], 'only so many wait')
  t.is(state.size, 3, 'and what was never made does not')
  t.is(unmade.get(), 1, 'a late question still has an answer')
  t.is(state.size, 3)
})
