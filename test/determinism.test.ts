import { execFileSync, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import fc from 'fast-check'
import { compile } from '../compiler/compile.ts'
import type { Compilation } from '../compiler/compile.ts'
import { readRevision } from '../compiler/revision.ts'
import type { Bundle } from '../schema/bundle.ts'
import { maximumBundleLength, readBundle, writeBundle } from '../schema/bundle-file.ts'
import type { GatewayDocument, GroupDocument, RouteDocument } from '../schema/generated/gateway.ts'
import { signBundle, verifySignature } from '../schema/signature.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'gwc-determinism-')))
test.after.always(() => { rmSync(temporary, { recursive: true, force: true }) })

let count = 0
function project (files: Readonly<Record<string, string>>): string {
  const folder = join(temporary, String(++count))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

async function bundleOf (cwd: string): Promise<Bundle> {
  const { bundle, diagnostics } = await compile({ cwd, env: {}, types: false }, 'emit')
  if (bundle === undefined) throw new Error(`no bundle: ${JSON.stringify(diagnostics)}`)
  return bundle
}

async function bundleOfDocument (document: GatewayDocument): Promise<Bundle> {
  return await bundleOf(project({ 'gateway.config.json': JSON.stringify(document, null, 2) }))
}

/** Compiles in a process of its own, with an environment of its own, and returns the file. */
async function compileElsewhere (cwd: string, env: Readonly<Record<string, string>>, script: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, cwd], { cwd: temporary, env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [output, error] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { error += text })
  const code = await new Promise((resolve) => { child.once('close', resolve) })
  if (code !== 0) throw new Error(`exit ${String(code)}: ${error}`)
  return output
}

const compileScript = `
  import { compile } from ${JSON.stringify(new URL('../compiler/compile.js', import.meta.url).href)}
  import { writeBundle } from ${JSON.stringify(new URL('../schema/bundle-file.js', import.meta.url).href)}
  const { bundle, diagnostics } = await compile({ cwd: process.argv.at(-1), env: {}, types: false }, 'emit')
  if (bundle === undefined) throw new Error(JSON.stringify(diagnostics))
  process.stdout.write(writeBundle(bundle))`
const shuffledScript = `import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  const shuffle = (names) => Array.isArray(names) ? names.reverse() : names
  const { readdirSync, promises: { readdir } } = fs
  fs.readdirSync = (...given) => shuffle(readdirSync(...given))
  fs.promises.readdir = async (...given) => shuffle(await readdir(...given))
  syncBuiltinESMExports()
  const { compile } = await import(${JSON.stringify(new URL('../compiler/compile.js', import.meta.url).href)})
  const { writeBundle } = await import(${JSON.stringify(new URL('../schema/bundle-file.js', import.meta.url).href)})
  const { bundle } = await compile({ cwd: process.argv.at(-1), env: {}, types: false }, 'emit')
  process.stdout.write(writeBundle(bundle))`

for (const name of ['bank', 'shop']) {
  test.serial(`${name}: the same bytes from another folder, time zone, language and order of files`, async (t) => {
    const folders = ['a', 'quite/another/folder'].map((folder) => join(temporary, name, folder))
    for (const folder of folders) cpSync(join(root, 'fixtures', name), folder, { recursive: true })
    const first = await compileElsewhere(folders[0]!, { TZ: 'UTC', LC_ALL: 'C' }, compileScript)
    t.true(first.endsWith('}\n') && first.length > 1000)
    t.is(await compileElsewhere(folders[0]!, { TZ: 'UTC', LC_ALL: 'C' }, compileScript), first)
    t.is(await compileElsewhere(folders[1]!, { TZ: 'Asia/Kolkata', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }, compileScript), first)
    t.is(await compileElsewhere(folders[1]!, { TZ: 'America/St_Johns', LANG: 'sv_SE' }, shuffledScript), first)
  })
}

const names = fc.constantFrom('a', 'b', 'c', 'd')
const target = fc.integer({ min: 1, max: 9 }).map((n) => `http://10.0.0.${n}:80`)
const limit = fc.record({ limit: fc.integer({ min: 1, max: 9 }), window: fc.constantFrom('1s' as const, '1m' as const) }).map((options) => ({ 'rate-limit': options }))
const header = fc.constantFrom('x-a', 'x-b').map((field) => ({ headers: { request: { set: { [field]: '1' } } } }))
const policies = fc.array(fc.oneof(limit, header), { maxLength: 2 })

/** Gateways of a few upstreams, routes with paths of their own, and groups. */
const gateways: fc.Arbitrary<GatewayDocument> = fc.record({
  upstreams: fc.dictionary(names, fc.record({ targets: fc.uniqueArray(target, { minLength: 1, maxLength: 3 }) }, { noNullPrototype: true }), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  routes: fc.array(fc.record({ to: fc.nat(), policies, grouped: fc.boolean(), priority: fc.integer({ min: 0, max: 3 }) }), { minLength: 1, maxLength: 6 }),
  group: policies
}).map(({ upstreams, routes, group }) => {
  const known = Object.keys(upstreams)
  const route = ({ to, policies, priority }: typeof routes[number], index: number): RouteDocument => ({ match: `GET /r${index}/:id`, to: known[to % known.length]!, policies, priority, rewrite: '/{id}' })
  const all = routes.map((each, index) => ({ grouped: each.grouped, route: route(each, index) }))
  const inside = all.filter(({ grouped }) => grouped).map(({ route }) => route)
  const around: GroupDocument[] = inside.length === 0 ? [] : [{ name: 'g', host: 'example.com', prefix: '/g', policies: group, routes: inside }]
  return { listeners: { main: { port: 8080, policies: [] } }, upstreams, routes: [...all.filter(({ grouped }) => !grouped).map(({ route }) => route), ...around] }
})

/** The same behaviour, written in another way. */
const rewritings: Readonly<Record<string, (document: GatewayDocument, random: () => number) => GatewayDocument>> = {
  'routes in another order': (document, random) => ({ ...document, routes: shuffled(document.routes, random).map((node) => 'routes' in node ? { ...node, routes: shuffled(node.routes, random) } : node) }),
  'upstreams and targets in another order': (document, random) => ({
    ...document, upstreams: Object.fromEntries(shuffled(Object.entries(document.upstreams!), random).map(([name, upstream]) => [name, { ...upstream, targets: shuffled(upstream.targets, random) }]))
  }),
  'other names of upstreams, listeners, routes and groups': (document) => ({
    ...document,
    listeners: { renamed: document.listeners['main']! },
    upstreams: Object.fromEntries(Object.entries(document.upstreams!).map(([name, upstream]) => [`x-${name}`, upstream])),
    routes: mapRoutes(document.routes, (route, index) => ({ ...route, to: `x-${route.to}`, name: `named-${index}` }))
  }),
  'a group around everything': (document) => ({ ...document, routes: [{ name: 'all', routes: document.routes }] }),
  'defaults written out': (document) => ({
    ...document,
    upstreams: Object.fromEntries(Object.entries(document.upstreams!).map(([name, upstream]) => [name, { balance: 'round-robin', timeouts: { connect: '5s', response: '15s', total: '30s' }, ...upstream }])),
    routes: mapRoutes(document.routes, (route) => ({ ...route, listeners: ['main'] }))
  }),
  'policies that are off': (document) => ({ ...document, routes: mapRoutes(document.routes, (route) => ({ ...route, policies: [...route.policies ?? [], { 'rate-limit': { limit: 1, window: '1d', mode: 'off' } }] })) })
}

/** Other behaviour, however small. */
const changes: Readonly<Record<string, (document: GatewayDocument) => GatewayDocument>> = {
  'another port': (document) => ({ ...document, listeners: { main: { ...document.listeners['main']!, port: 8081 } } }),
  'another rewrite of one route': (document) => ({ ...document, routes: mapRoutes(document.routes, (route, index) => index === 0 ? { ...route, rewrite: '/other/{id}' } : route) }),
  'a method more': (document) => ({ ...document, routes: mapRoutes(document.routes, (route, index) => index === 0 ? { ...route, match: route.match.replace('GET', 'GET|POST') } : route) }),
  'a policy in shadow': (document) => ({ ...document, routes: mapRoutes(document.routes, (route, index) => index === 0 ? { ...route, policies: [...route.policies ?? [], { 'rate-limit': { limit: 1, window: '1m', mode: 'shadow' } }] } : route) }),
  'another timeout of one route': (document) => ({ ...document, routes: mapRoutes(document.routes, (route, index) => index === 0 ? { ...route, timeout: '14s' } : route) }),
  'a route more': (document) => ({ ...document, routes: [...document.routes, { match: '/more', to: Object.keys(document.upstreams!)[0]! }] })
}

function mapRoutes (nodes: GatewayDocument['routes'], change: (route: RouteDocument, index: number) => RouteDocument): GatewayDocument['routes'] {
  let index = 0
  const visit = (list: GatewayDocument['routes']): GatewayDocument['routes'] => list.map((node) => 'routes' in node ? { ...node, routes: visit(node.routes) } : change(node, index++))
  return visit(nodes)
}

function shuffled<Item> (list: readonly Item[], random: () => number): Item[] {
  return list.map((item) => ({ item, key: random() })).sort((a, b) => a.key - b.key).map(({ item }) => item)
}

test('the semantic digest does not see how behaviour is written', async (t) => {
  await fc.assert(fc.asyncProperty(gateways, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 }), async (document, numbers) => {
    const before = await bundleOfDocument(document)
    for (const [name, rewrite] of Object.entries(rewritings)) {
      let at = 0
      const after = await bundleOfDocument(rewrite(document, () => numbers[at++ % numbers.length]!))
      if (after.semanticDigest !== before.semanticDigest) throw new Error(`${name} changed the digest`)
    }
  }), { numRuns: 20 })
  t.pass()
})

test('the semantic digest sees every change of behaviour', async (t) => {
  await fc.assert(fc.asyncProperty(gateways, async (document) => {
    const before = await bundleOfDocument(document)
    for (const [name, change] of Object.entries(changes)) {
      if ((await bundleOfDocument(change(document))).semanticDigest === before.semanticDigest) throw new Error(`${name} left the digest as it was`)
    }
  }), { numRuns: 20 })
  t.pass()
})

test('one limiter for two routes is not two limiters', async (t) => {
  const limit = { 'rate-limit': { limit: 10, window: '1m' } }
  const upstreams = { a: { targets: ['http://10.0.0.1:80'] } }
  const listeners = { main: { port: 1 } }
  const routes = [{ match: '/x', to: 'a' }, { match: '/y', to: 'a' }]
  const own = await bundleOfDocument({ listeners, upstreams, routes: routes.map((route) => ({ ...route, policies: [limit] })) })
  const grouped = await bundleOfDocument({ listeners, upstreams, routes: [{ policies: [limit], routes }] })
  const named = await bundleOfDocument({ listeners, upstreams, routes: routes.map((route) => ({ ...route, policies: [{ 'rate-limit': { ...limit['rate-limit'], id: 'both' } }] })) })
  t.not(own.semanticDigest, grouped.semanticDigest)
  t.is(named.semanticDigest, grouped.semanticDigest)
  t.deepEqual([own, grouped, named].map(({ policies }) => policies.length), [2, 1, 1])
  t.deepEqual(grouped.chains, [[], [0]])
})

test('a refactoring into functions and files changes origins only', async (t) => {
  const before = await bundleOf(project({
    'gateway.config.ts': `import { defineGateway, http, route, upstream } from 'gwc'
import { rateLimit } from 'gwc/policies'
const app = upstream('app', { targets: ['http://10.0.0.1:80'] })
export default defineGateway({ listeners: { main: http({ port: 80 }) }, routes: [
  route('GET /a/:id', { to: app, policies: [rateLimit({ limit: 1, window: '1s' })] }),
  route('GET /b/:id', { to: app, policies: [rateLimit({ limit: 1, window: '1s' })] })
] })`
  }))
  const after = await bundleOf(project({
    'gateway.config.ts': `import { defineGateway, http } from 'gwc'
import { routes } from './routes/all.js'
// A comment.
export default defineGateway({ listeners: { main: http({ port: 80 }) }, routes: routes('b', 'a') })`,
    'routes/all.ts': `import { route, upstream } from 'gwc'
import { rateLimit as limited } from 'gwc/policies'
const service = upstream('service', { targets: ['http://10.0.0.1:80'] })
export const routes = (...names: readonly string[]) => names.map((name) => route(\`GET /\${name}/:id\`, { to: service, policies: [limited({ limit: 1, window: '1s' })] }))`
  }))
  t.is(after.semanticDigest, before.semanticDigest)
  t.notDeepEqual(after.origins, before.origins)
  t.deepEqual(after.witnesses.map(({ request }) => request.path).sort(), before.witnesses.map(({ request }) => request.path).sort())
})

const minimal = (): Promise<Bundle> => bundleOfDocument({ listeners: { main: { port: 1 } }, upstreams: { a: { targets: ['http://10.0.0.1:80'] } }, routes: [{ match: '/x', to: 'a' }] })

test('a bundle file is read back; a damaged, foreign or hostile one is not', async (t) => {
  const bundle = await minimal()
  const text = writeBundle(bundle)
  const read = readBundle(text)
  t.false('invalid' in read)
  if (!('invalid' in read)) t.is(writeBundle(read.bundle), text)

  const invalid = (changed: string): string => {
    const result = readBundle(changed)
    return 'invalid' in result ? result.invalid : 'valid'
  }
  t.regex(invalid(text.replace('"port":1', '"port":2')), /damaged/)
  t.regex(invalid(text.slice(0, -20)), /not JSON/)
  t.regex(invalid('[]'), /not a bundle/)
  t.regex(invalid('{"bundle":{},"digest":"x"}'), /format version/)
  t.regex(invalid(text.replace('{"bundle":{', '{"bundle":{"__proto__":{},')), /__proto__/)
  t.regex(invalid(writeBundle({ ...bundle, format: { major: 1, minor: 0 } })), /format 1/)
  // What a newer minor version adds is ignored.
  t.is(invalid(writeBundle({ ...bundle, format: { major: 2, minor: 9 }, added: { x: 1 } } as Bundle)), 'valid')
  t.regex(invalid(' '.repeat(maximumBundleLength + 1)), /larger/)
  // White space and the order of members are not content.
  t.is(invalid(JSON.stringify(JSON.parse(text), null, 1)), 'valid')
})

test('a signature holds for the signed bytes and the signing key only', async (t) => {
  const keys = [1, 2].map(() => generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } }))
  const [mine, other] = keys as [typeof keys[number], typeof keys[number]]
  const bytes = Buffer.from(writeBundle(await minimal()))
  const signature = signBundle(bytes, mine.privateKey)
  const verdict = (given: Uint8Array, envelope: string, publicKeys: readonly string[]): string => {
    const result = verifySignature(given, envelope, publicKeys)
    return result === true ? 'valid' : result.invalid
  }
  t.is(verdict(bytes, signature, [other.publicKey, mine.publicKey]), 'valid')
  t.is(signBundle(bytes, mine.privateKey), signature)
  t.regex(verdict(bytes, signature, [other.publicKey]), /no trusted key/)
  t.regex(verdict(bytes, signature, []), /no trusted key/)
  t.regex(verdict(Buffer.concat([bytes, Buffer.from(' ')]), signature, [mine.publicKey]), /no trusted key/)
  t.regex(verdict(bytes, '{}', [mine.publicKey]), /not a DSSE envelope/)
  t.regex(verdict(bytes, 'x'.repeat(100_000), [mine.publicKey]), /not a DSSE envelope/)
  t.regex(verdict(bytes, signature.replace('gwc.bundle', 'gwc.other'), [mine.publicKey]), /not for a bundle/)
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
  t.throws(() => signBundle(bytes, rsa.privateKey), { message: /ed25519/ })
  t.regex(verdict(bytes, signature, [rsa.publicKey]), /no trusted key/)
})

test.serial('the revision is the commit, dirty when an input is changed, and nothing of the repository runs', async (t) => {
  const folder = project({ 'site/gateway.config.json': '{}', 'site/other.txt': 'x', '.gitignore': 'ignored.ts\n', 'site/ignored.ts': '' })
  const input = join(folder, 'site/gateway.config.json')
  const git = (...given: string[]): string => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...given], {
    cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: temporary, GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z', GIT_AUTHOR_DATE: '2020-01-01T00:00:00Z' }
  }).trim()
  const revision = async (inputs: readonly string[], sequence?: number) => await readRevision(join(folder, 'site'), inputs, sequence)
  t.is(await revision([input]), null)
  t.deepEqual(await revision([input], 7), { commit: null, dirty: true, sequence: 7 })
  git('init', '--quiet')
  t.is(await revision([input]), null)
  git('add', '.')
  git('commit', '--quiet', '-m', 'first')
  const commit = git('rev-parse', 'HEAD')
  const sequence = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000
  t.deepEqual(await revision([input]), { commit, dirty: false, sequence })
  t.deepEqual(await revision([input], 7), { commit, dirty: false, sequence: 7 })
  writeFileSync(join(folder, 'site/other.txt'), 'y')
  t.deepEqual(await revision([input]), { commit, dirty: false, sequence })
  t.deepEqual(await revision([input, join(folder, 'site/ignored.ts')]), { commit, dirty: true, sequence })
  // A hook or monitor that the repository's own configuration names would leave this file behind.
  const trap = join(temporary, 'trapped')
  git('config', 'core.fsmonitor', `touch ${trap}; false`)
  git('config', 'core.pager', `touch ${trap}; cat`)
  writeFileSync(input, '{ }')
  t.deepEqual(await revision([input]), { commit, dirty: true, sequence })
  t.throws(() => execFileSync('ls', [trap], { stdio: 'pipe' }))
})

test.serial('errors are capped at a hundred', async (t) => {
  const routes = Array.from({ length: 150 }, (_, index) => ({ match: `/r${index}`, to: 'nowhere' }))
  const { diagnostics }: Compilation = await compile({ cwd: project({ 'gateway.config.json': JSON.stringify({ listeners: { a: { port: 1 } }, routes }) }), env: {} }, 'emit')
  t.is(diagnostics.length, 100)
})
