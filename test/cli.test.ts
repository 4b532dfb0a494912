import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import test, { type ExecutionContext } from 'ava'
import { readBundle } from '../schema/bundle-file.ts'
import { verifySignature } from '../schema/signature.ts'

/* The real program, as a shell runs it. What it finds is tested by golden.test.ts; here: arguments, streams, files, exit codes. */

const root = fileURLToPath(new URL('../../', import.meta.url))
const cli = join(root, 'dist/compiler/cli.js')

const good = `import { defineGateway, http, route, upstream } from 'gwc'
import { address } from './address.ts'

const shop = upstream('shop', { targets: [address] })

export default defineGateway({
  listeners: { public: http({ port: 8080 }) },
  routes: [route('GET /items/:id', { to: shop, name: 'item' })]
})
`
const address = "export const address = 'http://10.0.0.1:8080'\n"
const warned = good.replace('\nexport default', "const old = upstream('old', { targets: [address] })\n\nexport default")
const broken = good.replace("'item' })", "'item' }), route('GET /items/:item', { to: shop, name: 'twin' })")

/** A folder of its own, removed afterwards. */
function folder (t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'gwc-cli-'))
  t.teardown(() => { rmSync(path, { recursive: true, force: true }) })
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}

interface Result { readonly code: number | null, readonly out: string, readonly err: string }

/** Without colours, and without what the machine that runs the tests sets. */
const env = { PATH: process.env.PATH, HOME: tmpdir(), NO_COLOR: '1' }

/** A few at a time: the tests of this file run side by side, and the machine may have two cores. */
let free = 3
const waiting: (() => void)[] = []

async function gwc (cwd: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Result> {
  if (free === 0) await new Promise<void>((resolve) => { waiting.push(resolve) })
  else free--
  try {
    return await run(cwd, args, more)
  } finally {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }
}

async function run (cwd: string, args: readonly string[], more: Readonly<Record<string, string>>): Promise<Result> {
  const child = spawn(process.execPath, [cli, ...args], { cwd, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text })
  const [code] = await once(child, 'close') as [number | null]
  return { code, out, err }
}

const fast = '--no-types'

test('exit codes', async (t) => {
  const files = { 'gateway.config.ts': good, 'address.ts': address }
  const fine = folder(t, files)
  const warns = folder(t, { ...files, 'gateway.config.ts': warned })
  const fails = folder(t, { ...files, 'gateway.config.ts': broken })
  const empty = folder(t, {})
  const wide = folder(t, { 'gateway.config.json': JSON.stringify({ listeners: { public: { protocol: 'http', port: 8080 } }, upstreams: { app: { targets: ['http://127.0.0.1:3000'] } }, routes: [{ match: '/*', to: 'app' }] }) })
  const url = folder(t, { 'gateway.config.json': JSON.stringify({ listeners: { public: { protocol: 'http', port: 8080 } }, upstreams: { app: { targets: ['http://127.0.0.1:3000'] } }, routes: [{ host: 'http://a.test/', match: '/*', to: 'app' }] }) })
  const table: readonly (readonly [code: number, cwd: string, args: readonly string[], out: RegExp, err: RegExp])[] = [
    [0, fine, ['validate', fast], /^✓ valid: 1 route, 1 upstream, 1 listener \(\d+ ms\)\n$/, /^$/],
    [0, fine, ['validate', fast, '--quiet'], /^$/, /^$/],
    [0, fine, ['lint', fast], /^✓ nothing to report/, /^$/],
    [0, warns, ['validate', fast], /^✓ valid/, /^$/],
    [0, warns, ['lint', fast], /^warning\[upstream\/unused\].*1 warning \(1 fixable/s, /^$/],
    [1, warns, ['lint', fast, '--fail-on', 'warning'], /upstream\/unused/, /^$/],
    [1, warns, ['lint', fast, '--max-warnings', '0'], /upstream\/unused/, /^$/],
    [0, warns, ['lint', fast, '--max-warnings', '1'], /upstream\/unused/, /^$/],
    [1, warns, ['lint', fast, '--quiet', '--max-warnings', '0'], /^$/, /^$/],
    [1, warns, ['compile', fast, '--fail-on', 'warning'], /upstream\/unused/, /^$/],
    [1, fails, ['validate', fast], /error\[route\/duplicate\]/, /^$/],
    [1, fails, ['lint', fast], /error\[route\/duplicate\]/, /^$/],
    [1, fails, ['compile', fast], /error\[route\/duplicate\]/, /^$/],
    [1, fails, ['routes', fast], /^$/, /error\[route\/duplicate\]/],
    [1, fails, ['explain', fast, 'GET http://x/'], /^$/, /error\[route\/duplicate\]/],
    [1, empty, ['validate'], /error\[config\/not-found\]/, /^$/],
    [1, fine, ['validate', '--config', 'none.ts'], /error\[config\/not-found\]/, /^$/],
    [1, fine, ['compile', fast, '--check'], /^$/, /is not the bundle of this config: it does not exist/],
    [64, fine, [], /^$/, /Usage: gwc/],
    [64, fine, ['valdiate'], /^$/, /unknown command 'valdiate'\n\(Did you mean validate\?\)/],
    [64, fine, ['lint', '--fxi'], /^$/, /unknown option '--fxi'\n\(Did you mean --fix\?\)/],
    [64, fine, ['lint', '--format', 'xml'], /^$/, /pretty, compact, json, sarif, github/],
    [64, fine, ['lint', '--format', 'json', '--format', 'sarif'], /^$/, /only one --format/],
    [64, fine, ['lint', '--max-warnings', 'some'], /^$/, /Not a whole number/],
    [64, fine, ['lint', '--fix', '--fix-dry-run'], /^$/, /exclude each other/],
    [64, fine, ['explain'], /^$/, /missing required argument/],
    [64, fine, ['explain', fast, 'what is this'], /^$/, /is no request/],
    [64, fine, ['explain', 'route/unreachabel'], /^$/, /did you mean 'route\/unreachable'\?/],
    [64, fine, ['explain', fast, 'GET http://x/', '--listener', 'pubic'], /^$/, /there is no listener 'pubic'; listeners are public/],
    [74, fine, ['lint', fast, '--format', 'json=no/such/folder.json'], /^$/, /^gwc: cannot open .*folder\.json: no such file or folder \(ENOENT\)\n$/],
    [74, fine, ['compile', fast, '--out', 'no/such/bundle.json'], /^$/, /cannot open .*ENOENT/],
    [74, fine, ['compile', fast, '--out', 'b.json', '--sign', 'no.pem'], /^$/, /cannot open .*no\.pem/],
    [64, fine, ['compile', fast, '--out', 'b.json', '--sign', 'address.ts'], /^$/, /address\.ts cannot sign/],
    [0, fine, ['routes', fast], /GET {5}\/items\/:id {2}item {2}shop {6}gateway\.config\.ts:8/, /^$/],
    [0, fine, ['explain', fast, 'GET http://x/items/7'], /→ item gateway\.config\.ts:8/, /^$/],
    [0, wide, ['explain', 'OPTIONS *'], /the target \* names no path/, /^$/],
    [0, wide, ['explain', 'GET *'], /refuses this request with 400: only OPTIONS has the target \*/, /^$/],
    [1, url, ['validate'], /a host is a name without a scheme and a path/, /^$/],
    [0, fine, ['explain', 'route/unreachable'], /^error route\/unreachable\n/, /^$/],
    [0, fine, ['rules'], /^CODE +SEVERITY/, /^$/],
    [0, fine, ['--version'], new RegExp(`^${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version}\n$`), /^$/],
    [0, fine, ['--help'], /^Usage: gwc.*validate.*serve/s, /^$/],
    [0, fine, ['lint', '--help'], /--fix-dry-run/, /^$/]
  ]
  await Promise.all(table.map(async ([code, cwd, args, out, err]) => {
    const result = await gwc(cwd, args)
    const what = `gwc ${args.join(' ')}\n${result.out}\n${result.err}`
    t.is(result.code, code, what)
    t.regex(result.out, out, what)
    t.regex(result.err, err, what)
  }))
  t.false(existsSync(join(warns, 'gateway.bundle.json')))
  t.deepEqual(readdirSync(fine).sort(), ['address.ts', 'gateway.config.ts'], 'no command leaves files behind')
})

test('an internal error is 70, with what a report needs', async (t) => {
  // A fault of our own cannot be had from outside, so one is put in: sorting the catalogue fails.
  const cwd = folder(t, {
    'fault.mjs': "const { sort } = Array.prototype\nArray.prototype.sort = function (...args) {\n  if (new Error().stack.includes('problems.js')) throw new TypeError('a fault of our own')\n  return sort.apply(this, args)\n}\n"
  })
  const { code, out, err } = await gwc(cwd, ['rules'], { NODE_OPTIONS: `--import ${join(cwd, 'fault.mjs')}` })
  t.is(code, 70)
  t.is(out, '')
  t.regex(err, /^gwc: internal error\. This is a bug in gwc.*gwc \d.*node v.*gwc rules\n.*a fault of our own/s)
})

test('formats: one to standard output, others to files', async (t) => {
  const cwd = folder(t, { 'sub/gateway.config.ts': warned, 'sub/address.ts': address })
  const { code, out } = await gwc(cwd, ['lint', fast, '--config', 'sub/gateway.config.ts', '--format', 'json', '--format', 'sarif=out.sarif', '--format', 'github=out.txt', '--format', 'compact=out.log'])
  t.is(code, 0)
  const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(readFileSync(join(root, 'compiler/render/diagnostics.schema.json'), 'utf8')) as object)
  const found = JSON.parse(out) as { findings: { location: { file: string, range: { start: { line: number, column: number } } } }[] }
  t.true(validate(found), JSON.stringify(validate.errors))
  t.is(found.findings[0]!.location.file, 'sub/gateway.config.ts')
  t.is(readFileSync(join(cwd, 'out.log'), 'utf8').split(':').slice(0, 2).join(':'), `sub/gateway.config.ts:${found.findings[0]!.location.range.start.line}`)
  t.regex(readFileSync(join(cwd, 'out.txt'), 'utf8'), /^::warning file=sub\/gateway\.config\.ts,line=5,.*title=upstream\/unused::/)
  const log = JSON.parse(readFileSync(join(cwd, 'out.sarif'), 'utf8')) as { runs: { results: { ruleId: string }[] }[] }
  t.is(log.runs[0]!.results[0]!.ruleId, 'upstream/unused')
  // GitHub names files from the root of the repository.
  const inWorkspace = await gwc(join(cwd, 'sub'), ['lint', fast, '--format', 'github'], { GITHUB_WORKSPACE: cwd })
  t.regex(inWorkspace.out, /^::warning file=sub\/gateway\.config\.ts/)
})

test('commands work from other folders, and with --cwd', async (t) => {
  const cwd = folder(t, { 'gateway.config.ts': broken, 'address.ts': address, 'deep/er/x.txt': '' })
  t.regex((await gwc(join(cwd, 'deep/er'), ['validate', fast])).out, /╭─ \.\.\/\.\.\/gateway\.config\.ts:8:/)
  t.regex((await gwc(tmpdir(), ['validate', fast, '--cwd', cwd])).out, /╭─ gateway\.config\.ts:8:/)
  t.regex((await gwc(tmpdir(), ['validate', fast, '--config', join(cwd, 'gateway.config.ts')])).out, /gateway\.config\.ts:8:/)
})

test('colours: only on a terminal, or when asked for', async (t) => {
  const cwd = folder(t, {})
  const docs = ['explain', 'route/unreachable']
  t.false((await gwc(cwd, docs, { NO_COLOR: '' })).out.includes('\u001b'))
  t.true((await gwc(cwd, [...docs, '--color', 'always'])).out.includes('\u001b[31m'))
  t.false((await gwc(cwd, [...docs, '--color', 'never'], { NO_COLOR: '', FORCE_COLOR: '1' })).out.includes('\u001b'))
  t.true((await gwc(cwd, docs, { NO_COLOR: '', FORCE_COLOR: '1' })).out.includes('\u001b'))
})

test('a read-only tree is enough', async (t) => {
  const cwd = folder(t, { 'tree/gateway.config.ts': good, 'tree/address.ts': address })
  const tree = join(cwd, 'tree')
  chmodSync(tree, 0o555)
  t.teardown(() => { chmodSync(tree, 0o755) })
  const before = readdirSync(tree)
  // root may write anywhere, so what counts is that nothing is written.
  for (const args of [['validate'], ['lint', fast], ['routes', fast], ['compile', fast, '--out', '../out.json']]) {
    const { code, out, err } = await gwc(tree, args)
    t.is(code, 0, out + err)
  }
  t.deepEqual(readdirSync(tree), before)
  t.true(existsSync(join(cwd, 'out.json')))
})

test('a reader that goes away early is no error', (t) => {
  const cwd = folder(t, { 'gateway.config.ts': good.replace("route('GET /items/:id', { to: shop, name: 'item' })", "...Array.from({ length: 3000 }, (_, index) => route(`GET /items/${index}`, { to: shop }))"), 'address.ts': address })
  const { stdout, stderr, status } = spawnSync('bash', ['-o', 'pipefail', '-c', `"${process.execPath}" "${cli}" routes --no-types | head -n 1`], { cwd, env, encoding: 'utf8' })
  t.is(stderr, '')
  t.regex(stdout, /^HOST +METHOD/)
  t.is(status, 0)
})

test('a long report is complete when it goes into a pipe', (t) => {
  const cwd = folder(t, { 'gateway.config.ts': good.replace("route('GET /items/:id', { to: shop, name: 'item' })", "...Array.from({ length: 3000 }, (_, index) => route(`GET /items/${index}`, { to: shop }))"), 'address.ts': address })
  const out = execFileSync('bash', ['-c', `"${process.execPath}" "${cli}" routes --no-types --format json | (read first; echo "$first"; cat)`], { cwd, env, encoding: 'utf8', maxBuffer: 1 << 26 })
  t.is((JSON.parse(out) as { routes: unknown[] }).routes.length, 3000)
})

test('--version loads neither compiler nor runtime', (t) => {
  const loaded = spawnSync(process.execPath, ['--experimental-loader', `data:text/javascript,${encodeURIComponent("import { writeSync } from 'node:fs'\nexport async function load (url, context, next) { writeSync(2, url + '\\n'); return next(url, context) }")}`, cli, '--version'], { env: { ...env, NODE_NO_WARNINGS: '1' }, encoding: 'utf8' })
  t.is(loaded.status, 0)
  t.notRegex(loaded.stderr, /typescript|esbuild|ts-morph|fastify|cosmiconfig|\/passes\//)
  t.regex(loaded.stderr, /compiler\/cli\.js/)
})

test('--fix deletes what is unused, keeps mode and line ends, and changes nothing when that would break the config', async (t) => {
  const cwd = folder(t, { 'gateway.config.ts': warned.replaceAll('\n', '\r\n'), 'address.ts': address })
  const file = join(cwd, 'gateway.config.ts')
  chmodSync(file, 0o640)
  const dry = await gwc(cwd, ['lint', fast, '--fix-dry-run'])
  t.is(dry.code, 0)
  t.regex(dry.out, /^--- a\/gateway\.config\.ts\n\+\+\+ b\/gateway\.config\.ts\n@@ .*\n-const old = upstream/s)
  t.is(readFileSync(file, 'utf8'), warned.replaceAll('\n', '\r\n'))
  const fixed = await gwc(cwd, ['lint', fast, '--fix'])
  t.is(fixed.code, 0, fixed.err)
  t.is(readFileSync(file, 'utf8'), good.replaceAll('\n', '\r\n'))
  t.is(statSync(file).mode & 0o777, 0o640)
  t.regex(fixed.out, /nothing to report/)
  t.deepEqual(readdirSync(cwd).sort(), ['address.ts', 'gateway.config.ts'])

  // `old` is used, but not as an upstream of a route: deleting the constant would break the program.
  const used = warned.replace('export default', 'const names = [shop, old].length\n\nexport default').replace('port: 8080', 'port: 8080 + names')
  writeFileSync(file, used)
  const kept = await gwc(cwd, ['lint', fast, '--fix'])
  t.regex(kept.err, /left out: delete upstream 'old': 'old' is used elsewhere in the file/)
  t.is(readFileSync(file, 'utf8'), used)
})

test('--fix on a JSON config', async (t) => {
  const json = '{\n  "listeners": { "public": { "port": 8080 } },\n  "upstreams": {\n    "shop": { "targets": ["http://10.0.0.1:8080"] },\n    "old": { "targets": ["http://10.0.0.2:8080"] }\n  },\n  "routes": [{ "match": "/*", "to": "shop" }]\n}\n'
  const cwd = folder(t, { 'gateway.config.json': json })
  const { code, err } = await gwc(cwd, ['lint', '--fix'])
  t.is(code, 0, err)
  t.is(readFileSync(join(cwd, 'gateway.config.json'), 'utf8'), json.replace(',\n    "old": { "targets": ["http://10.0.0.2:8080"] }', ''))

  // A fix that lets the compiler get further uncovers other errors; it is not to blame for them.
  const hidden = json.replace('"routes": [', '"routes": [{ "match": "/a", "to": "old" }, { "match": "/a", "to": "olt" }, ')
  writeFileSync(join(cwd, 'gateway.config.json'), hidden)
  const further = await gwc(cwd, ['lint', '--fix'])
  t.is(further.code, 1)
  t.regex(further.out, /error\[route\/duplicate\]/)
  t.is(readFileSync(join(cwd, 'gateway.config.json'), 'utf8'), hidden.replace('"olt"', '"old"'))
})

test('compile writes the bundle once, signs it, and --check compares', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', { privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } })
  const cwd = folder(t, { 'gateway.config.ts': good, 'address.ts': address, 'key.pem': privateKey })
  const bundle = join(cwd, 'gateway.bundle.json')
  const first = await gwc(cwd, ['compile', fast, '--sign', 'key.pem', '--sequence', '7'])
  t.regex(first.out, /^✓ gateway\.bundle\.json: 1 route, 1 upstream, 0 policies, \d+\.\d KiB, sha256:[0-9a-f]{12}, signed \(\d+ ms\)\n$/)
  const text = readFileSync(bundle, 'utf8')
  const read = readBundle(text)
  t.is('bundle' in read ? read.bundle.revision?.sequence : undefined, 7)
  t.is(verifySignature(Buffer.from(text), readFileSync(`${bundle}.sig`, 'utf8'), [publicKey]), true)
  t.is((await gwc(cwd, ['compile', fast, '--check'])).code, 0)

  const written = statSync(bundle).mtimeMs
  t.regex((await gwc(cwd, ['compile', fast, '--sequence', '7'])).out, /unchanged/)
  t.is(statSync(bundle).mtimeMs, written)

  writeFileSync(join(cwd, 'gateway.config.ts'), `\n${good}`)
  const moved = await gwc(cwd, ['compile', fast, '--check'])
  t.is(moved.code, 1)
  t.regex(moved.err, /only lines have moved/)
  writeFileSync(join(cwd, 'address.ts'), address.replace('10.0.0.1', '10.0.0.9'))
  t.regex((await gwc(cwd, ['compile', fast, '--check'])).err, /it treats requests differently/)
  t.is(readFileSync(bundle, 'utf8'), text)
})

test('--watch compiles again when an imported file changes, and keeps the last good bundle over errors', async (t) => {
  const cwd = folder(t, { 'gateway.config.ts': good, 'address.ts': address })
  const bundle = join(cwd, 'gateway.bundle.json')
  const child = spawn(process.execPath, [cli, 'compile', fast, '--watch'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => { child.kill('SIGKILL') })
  const line = lines(child)
  await line(/✓ gateway\.bundle\.json/)
  const one = readFileSync(bundle, 'utf8')
  writeFileSync(join(cwd, 'address.ts'), address.replace('10.0.0.1', '10.0.0.2'))
  await line(/✓ gateway\.bundle\.json/)
  const two = readFileSync(bundle, 'utf8')
  t.true(two.includes('10.0.0.2') && one !== two)
  writeFileSync(join(cwd, 'address.ts'), 'export const address = \n')
  await line(/error\[config\/syntax-error\]/)
  await line(/gateway\.bundle\.json stays as it was/)
  t.is(readFileSync(bundle, 'utf8'), two)
  writeFileSync(join(cwd, 'address.ts'), address)
  await line(/✓ gateway\.bundle\.json/)
  t.is(readFileSync(bundle, 'utf8'), one)
  writeFileSync(join(cwd, 'address.ts'), "export { address } from './elsewhere.ts'\n")
  await line(/error\[config\/unresolved-import\]/)
  await line(/gateway\.bundle\.json stays as it was/)
  writeFileSync(join(cwd, 'elsewhere.ts'), address.replace('10.0.0.1', '10.0.0.3'))
  await line(/✓ gateway\.bundle\.json/)
  t.true(readFileSync(bundle, 'utf8').includes('10.0.0.3'))
  child.kill('SIGINT')
  t.deepEqual(await once(child, 'exit'), [0, null])
})

/** Waits for the next line of either stream that matches. */
function lines (child: ChildProcess): (pattern: RegExp) => Promise<string> {
  const seen: string[] = []
  let wake = (): void => {}
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (text) => {
      seen.push(text)
      wake()
    })
  }
  let ended = false
  child.once('close', () => {
    ended = true
    wake()
  })
  return async (pattern) => {
    for (;;) {
      for (let text = seen.shift(); text !== undefined; text = seen.shift()) if (pattern.test(text)) return text
      if (ended) throw new Error(`ended without ${String(pattern)}`)
      await new Promise<void>((resolve) => { wake = resolve })
    }
  }
}

test('configs in ESM and CommonJS packages, with helpers with and without an extension', async (t) => {
  for (const type of ['module', 'commonjs']) {
    const cwd = folder(t, { 'gateway.config.ts': type === 'module' ? good : good.replace('./address.ts', './address'), 'address.ts': address, 'package.json': JSON.stringify({ type }) })
    const { code, out } = await gwc(cwd, ['validate'])
    t.is(code, 0, out)
  }
  const copied = folder(t, {})
  cpSync(join(root, 'fixtures/cases/policies'), copied, { recursive: true })
  t.is((await gwc(copied, ['validate'])).code, 0)
})
