import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'ava'
import { compile } from '../compiler/compile.ts'
import type { Compilation, Source } from '../compiler/compile.ts'
import { lineIndex } from '../compiler/load/line-index.ts'
import { locator } from '../compiler/locate.ts'
import { checkTypes } from '../compiler/passes/types.ts'

const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'gwc-load-')))
test.after.always(() => { rmSync(temporary, { recursive: true, force: true }) })

type Files = Readonly<Record<string, string>>
let count = 0

/** A folder with these files. */
function project (files: Files): string {
  const folder = join(temporary, String(++count))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

async function load (cwd: string, options: Partial<Source> = {}): Promise<Compilation> {
  return await compile({ cwd, env: {}, types: false, ...options }, 'load')
}

/** `code file:line:column "the text there"` of each finding. */
function findings ({ diagnostics, root }: Compilation, files: Files): string[] {
  return diagnostics.map(({ code, place }) => {
    if (place === undefined) return code
    const range = locator(root)(place)
    const text = files[place.origin.file]?.slice(range?.start, range?.end) ?? ''
    return `${code} ${place.origin.file}:${place.origin.line}:${place.origin.column} ${text}`
  })
}

/** `file:line:column` of the mark `~` in a text, and the text without it. */
function unmark (file: string, marked: string): { readonly text: string, readonly at: string } {
  const offset = marked.indexOf('~')
  const text = marked.replace('~', '')
  const { line, column } = lineIndex(text).position(Math.max(offset, 0))
  return { text, at: `${file}:${line}:${column}` }
}

const head = 'import { defineGateway, env, http, route, upstream } from \'gwc\'\n'
const gateway = 'export default defineGateway({ listeners: { public: http({ port: 8080 }) }, routes: [route(\'/*\', { to: upstream(\'app\', { targets: [\'http://127.0.0.1:3000\'] }) })] })\n'

const shapes: Readonly<Record<string, Files>> = {
  'an ESM package': { 'package.json': '{"type":"module"}', 'gateway.config.ts': head + gateway },
  'a CommonJS package': { 'package.json': '{"type":"commonjs"}', 'gateway.config.ts': head + gateway },
  'no package at all': { 'gateway.config.ts': head + gateway },
  'an .mts file': { 'gateway.config.mts': head + gateway },
  'JavaScript modules': { 'gateway.config.mjs': head + gateway },
  'CommonJS JavaScript': { 'gateway.config.js': `const { defineGateway, http, route, upstream } = require('gwc')\nmodule.exports = ${gateway.slice('export default '.length)}` },
  'TypeScript that is not erasable': { 'gateway.config.ts': `${head}enum Port { public = 8080 }\nnamespace Ports { export const other = Port.public }\n${gateway.replace('8080', 'Ports.other')}` },
  'helpers without extension, with .js, with .ts, and in folders': {
    'gateway.config.ts': `${head}import { port } from './a'\n${gateway.replace('8080', 'port')}`,
    'a.ts': 'import { port as b } from \'./nested/b.js\'\nexport const port: number = b\n',
    'nested/b.ts': 'import { port } from \'./c.ts\'\nimport data from \'../data.json\'\nexport { port }\nexport const same = data.port === port\n',
    'nested/c.ts': 'export const port = 8080\n',
    'data.json': '{ "port": 8080 }'
  },
  'an alias of tsconfig': {
    'tsconfig.json': '{ "compilerOptions": { "paths": { "#ports": ["./nested/ports.ts"] } } }',
    'gateway.config.ts': `${head}import { port } from '#ports'\n${gateway.replace('8080', 'port')}`,
    'nested/ports.ts': 'export const port = 8080\n'
  },
  'a package in node_modules': {
    'gateway.config.ts': `${head}import { port } from 'ports'\n${gateway.replace('8080', 'port')}`,
    'node_modules/ports/package.json': '{ "name": "ports", "main": "./index.js" }',
    'node_modules/ports/index.js': 'exports.port = typeof process === "undefined" ? 8080 : 0\n'
  },
  'another gwc in node_modules, which is not used': {
    'gateway.config.ts': head + gateway,
    'node_modules/gwc/package.json': '{ "name": "gwc", "main": "./index.js" }',
    'node_modules/gwc/index.js': 'throw new Error("the wrong gwc")\n'
  },
  JSON: { 'gateway.config.json': '{ "listeners": { "public": { "port": 8080 } }, "upstreams": { "app": { "targets": ["http://127.0.0.1:3000"] } }, "routes": [{ "match": "/*", "to": "app" }] }' }
}

for (const [name, files] of Object.entries(shapes)) {
  test.serial(`loads ${name}`, async (t) => {
    const { config, diagnostics, inputs, root } = await load(project(files))
    t.deepEqual(diagnostics, [])
    t.is(config?.document.listeners['public']?.port, 8080)
    t.is(config?.document.routes.length, 1)
    t.true(inputs.every((input) => input.startsWith(root)))
    t.is(inputs.length, Object.keys(files).filter((file) => !/package\.json$|tsconfig|gwc\//.test(file)).length)
  })
}

test.serial('a config that is held within a folder imports nothing from outside', async (t) => {
  const files = {
    'tree/gateway.config.ts': `${head}import { port } from './site/port.ts'\n${gateway.replace('8080', 'port')}`,
    'tree/site/port.ts': 'import data from \'../../secret.json\'\nimport \'./near.ts\'\nexport const port: number = data.port\n',
    'tree/site/near.ts': 'console.log(1)\n',
    'secret.json': '{ "port": 8080 }'
  }
  const folder = project(files)
  t.deepEqual((await load(join(folder, 'tree'))).config?.document.listeners['public']?.port, 8080)
  const { diagnostics } = await load(join(folder, 'tree'), { within: join(folder, 'tree') })
  t.deepEqual(diagnostics.map(({ code, message, place }) => [code, message, place?.origin]), [
    ['config/unresolved-import', '../../secret.json lies outside of the project', { file: 'site/port.ts', line: 1, column: 18 }]
  ])
  t.deepEqual((await load(join(folder, 'tree'), { within: folder })).diagnostics.map(({ code }) => code), ['config/log'])
})

test.serial('the config is found from folders below, and the first kind in a folder wins', async (t) => {
  const folder = project({ 'gateway.config.ts': head + gateway, 'gateway.config.json': '{', 'a/b/c.txt': '' })
  const { diagnostics, root } = await load(join(folder, 'a/b'))
  t.deepEqual(diagnostics, [])
  t.is(root, folder)
  t.deepEqual((await load(folder, { config: 'gateway.config.json' })).diagnostics.map(({ code }) => code), ['config/syntax-error'])
  t.deepEqual((await load(folder, { config: 'nope.ts' })).diagnostics.map(({ code, message }) => [code, message]), [['config/not-found', 'there is no file nope.ts']])
  t.deepEqual((await load(temporary)).diagnostics.map(({ code }) => code), ['config/not-found'])
})

test.serial('nothing in the working folder runs because a config is looked for', (t) => {
  const trap = 'require("fs").writeFileSync(__dirname + "/trapped", ""); module.exports = {}'
  const folder = project({ 'gateway.config.ts': head + gateway, 'package.json': '{ "cosmiconfig": { "searchPlaces": ["other"] } }', '.config/config.cjs': trap, '.config/config.js': trap, 'other': '' })
  const script = `
    const { compile } = await import(${JSON.stringify(new URL('../compiler/compile.js', import.meta.url).href)})
    const { diagnostics, config } = await compile({ cwd: process.cwd(), env: {}, types: false }, 'load')
    process.stdout.write(JSON.stringify([diagnostics, config.document.listeners.public.port]))`
  t.deepEqual(JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, encoding: 'utf8' })), [[], 8080])
  t.deepEqual(readdirSync(join(folder, '.config')).sort(), ['config.cjs', 'config.js'])
})

test.serial('origins are relative to the config, also of files above it', async (t) => {
  const folder = project({ 'site/gateway.config.ts': `${head}import { routes } from '../shared/routes.ts'\n${gateway.replace(/routes: .*\]/, 'routes')}`, 'shared/routes.ts': `${head}export const routes = [\n  route('/x', { to: upstream('x', { targets: [] }) })\n]\n` })
  const { config, diagnostics } = await load(join(folder, 'site'))
  t.deepEqual(diagnostics, [])
  t.deepEqual(config?.origins['/routes/0'], { file: '../shared/routes.ts', line: 3, column: 3 })
  t.deepEqual(config?.origins['/upstreams/x'], { file: '../shared/routes.ts', line: 3, column: 21 })
  t.deepEqual(config?.origins[''], { file: 'gateway.config.ts', line: 3, column: 16 })
})

test.serial('a read-only tree is enough, and nothing is written into it', async (t) => {
  const files = { 'gateway.config.ts': `${head}import { port } from './a.ts'\n${gateway.replace('8080', 'port')}`, 'a.ts': 'export const port = 8080\n' }
  const folder = project(files)
  for (const name of Object.keys(files)) chmodSync(join(folder, name), 0o444)
  chmodSync(folder, 0o555)
  const { config, diagnostics } = await compile({ cwd: folder, env: {} }, 'types')
  chmodSync(folder, 0o755)
  t.deepEqual(diagnostics, [])
  t.is(config?.document.listeners['public']?.port, 8080)
})

test.serial('a config behind a symbolic link loads', async (t) => {
  const folder = project({ 'real/gateway.config.ts': `${head}import { port } from './a.ts'\n${gateway.replace('8080', 'port')}`, 'real/a.ts': 'export const port = 8080\n' })
  symlinkSync(join(folder, 'real'), join(folder, 'link'))
  t.deepEqual((await load(join(folder, 'link'))).diagnostics, [])
})

test.serial('an overlay stands for files without being written', async (t) => {
  const folder = project({ 'gateway.config.ts': head + gateway, 'gateway.config.json': '{}' })
  const overlay = new Map([[join(folder, 'gateway.config.ts'), (head + gateway).replace('8080', '9090')], [join(folder, 'gateway.config.json'), '{ "routes": [] }']])
  t.is((await load(folder, { overlay })).config?.document.listeners['public']?.port, 9090)
  t.deepEqual((await load(folder, { overlay, config: 'gateway.config.json' })).config?.document.routes, [])
})

/** Marked with `~` where the finding must be. The config follows the text. */
const refused: Readonly<Record<string, readonly [code: string, marked: string, message: RegExp]>> = {
  'a syntax error': ['config/syntax-error', 'const x = ~= 2', /Unexpected "="/],
  'an import that does not exist': ['config/unresolved-import', 'import { x } from ~\'./nope.ts\'\nenv(x)', /\.\/nope\.ts/],
  'a package that is not installed': ['config/unresolved-import', 'import { x } from ~\'left-pad\'\nenv(x)', /left-pad/],
  'top-level await': ['config/unsupported-syntax', '~await 1', /await/],
  'import.meta': ['config/unsupported-syntax', 'env(~import.meta.url)', /import\.meta/],
  'files by import': ['config/impure', 'import { readFileSync } from ~\'node:fs\'\nenv(readFileSync(\'/etc/passwd\', \'utf8\'))', /node:fs uses files/],
  'files by require': ['config/impure', 'declare const require: (name: string) => unknown\nconst name = \'fs\'\n~require(name)', /`require` uses files/],
  'the network by import': ['config/impure', 'import net from ~\'net\'\nnet.connect(80)', /net uses the network/],
  'the network by fetch': ['config/impure', '~fetch(\'http://127.0.0.1\')', /`fetch` uses the network/],
  'the process by import': ['config/impure', 'import { execSync } from ~\'node:child_process\'\nexecSync(\'id\')', /node:child_process reads the machine/],
  'the process by name': ['config/impure', 'const home = ~process.env.HOME', /`process` reads the machine/],
  'other modules of Node': ['config/impure', 'import { join } from ~\'node:path\'\njoin(\'a\')', /node:path is a module of Node/],
  'the clock by Date.now': ['config/impure', 'const t = Date.~now()', /Date\.now\(\) reads the clock/],
  'the clock by new Date': ['config/impure', 'env(`${~new Date()}`, \'\')', /new Date\(\) reads the clock/],
  'the clock by Date': ['config/impure', 'env(~Date(), \'\')', /Date\(\) reads the clock/],
  'the clock by performance': ['config/impure', '~performance.now()', /`performance` reads the clock/],
  'randomness by Math': ['config/impure', '  1 + Math.~random()', /Math\.random\(\) is random/],
  'randomness by crypto': ['config/impure', '~crypto.randomUUID()', /`crypto` is random/],
  timers: ['config/impure', '~setTimeout(() => {}, 1)', /`setTimeout` waits/],
  'the locale by comparison': ['config/impure', '[\'b\', \'a\'].sort((x, y) => x.~localeCompare(y))', /localeCompare\(\) depends on the language/],
  'the locale by formatting': ['config/impure', '(1).~toLocaleString()', /toLocaleString\(\) depends on the language/],
  'the locale by Intl': ['config/impure', '~new Intl.DateTimeFormat()', /`Intl` depends on the language/],
  'an error that is thrown': ['config/threw', 'function check (): never { throw ~new TypeError(\'no\') }\ncheck()', /^TypeError: no$/],
  'a value that is thrown': ['config/threw', 'throw \'just text\'', /just text/],
  'an error of a builtin': ['config/threw', '(undefined as unknown as string).~length', /Cannot read properties of undefined/],
  'recursion without end': ['config/threw', 'function f (): number { ~return f() + 1 }\nf()', /Maximum call stack/],
  'code from strings': ['config/threw', '~eval(\'1\')', /Code generation from strings disallowed/],
  'a variable that is not set': ['env/missing', '~env(\'NOT_SET\')', /NOT_SET is not set/],
  'a variable of the wrong form': ['env/invalid', 'env.~number(\'WORD\')', /WORD is not a number/],
  'two upstreams of one name': ['upstream/duplicate', '~upstream(\'app\', { targets: [] })', /two upstreams named 'app'/]
}

for (const [name, [code, marked, message]] of Object.entries(refused)) {
  test.serial(`refuses ${name}`, async (t) => {
    // Upstreams are found in the order in which they are made: the second is the one too many.
    const { text, at } = code === 'upstream/duplicate' ? unmark('gateway.config.ts', head + gateway + marked) : unmark('gateway.config.ts', head + marked)
    const { diagnostics, config } = await load(project({ 'gateway.config.ts': code === 'upstream/duplicate' ? text : `${text}\n${gateway}` }), { env: { WORD: 'word' } })
    const [first] = diagnostics
    t.is(first?.code, code)
    t.regex(first?.message ?? '', message)
    t.is(`${first?.place?.origin.file}:${first?.place?.origin.line}:${first?.place?.origin.column}`, marked.includes('~') ? at : 'gateway.config.ts:1:1')
    t.is(first?.severity, 'error')
    t.is(config, undefined)
  })
}

test.serial('an error names the calls that led to it, through files', async (t) => {
  const { diagnostics } = await load(project({
    'gateway.config.ts': `${head}import { outer } from './outer.ts'\nouter()\n${gateway}`,
    'outer.ts': 'import { inner } from \'./inner\'\nexport function outer () {\n  inner({})\n}\n',
    'inner.ts': 'interface Box { readonly inside?: { readonly value: number } }\n\nexport const inner = (box: Box) => box.inside!.value\n'
  }))
  t.deepEqual(diagnostics.map(({ code, place, related }) => [code, place?.origin, related?.map((call) => call.place.origin)]), [
    ['config/threw', { file: 'inner.ts', line: 3, column: 48 }, [{ file: 'outer.ts', line: 3, column: 3 }, { file: 'gateway.config.ts', line: 3, column: 1 }]]
  ])
})

test.serial('all that is impure is found in one run, and a file that fails is still watched', async (t) => {
  const files = { 'gateway.config.ts': `${head}import './a.ts'\nDate.now()\nenv('A')\nenv('B')\n${gateway}`, 'a.ts': 'import { env } from \'gwc\'\nconsole.log(\'from a\', { n: 1 })\nMath.random()\nenv(`${new Date()}`, \'\')\n' }
  const compilation = await load(project(files))
  t.deepEqual(findings(compilation, files).sort(), [
    'config/impure a.ts:3:6 random',
    'config/impure a.ts:4:8 new Date()',
    'config/impure gateway.config.ts:3:6 now',
    'config/log a.ts:2:9 log',
    'env/missing gateway.config.ts:4:1 env',
    'env/missing gateway.config.ts:5:1 env'
  ])
  t.is(compilation.diagnostics.find(({ code }) => code === 'config/log')?.message, 'from a {"n":1}')
  t.is(compilation.inputs.length, 2)
  const broken = await load(project({ ...files, 'a.ts': 'const =' }))
  t.deepEqual(broken.inputs.map((input) => input.slice(broken.root.length + 1)), ['a.ts', 'gateway.config.ts'])
})

test.serial('what is a function of its arguments is allowed', async (t) => {
  const pure = `
    const date = new Date(0).toISOString() + new Date('2026-01-02').getFullYear() + Date.UTC(2026, 1)
    const sorted = ['b', 'a'].sort((x, y) => x.localeCompare(y, 'en')).join() + (1234.5).toLocaleString('en-US')
    const text = typeof process + typeof fetch + [date instanceof Object, sorted, structured()].length
    function structured () { return JSON.parse(JSON.stringify({ map: [...new Map([[1, 2]])] })) }
    const local = new Date(2026, 5, 1, 12).toString()
    env('X', text + local)`
  const { diagnostics } = await load(project({ 'gateway.config.ts': `${head}declare const process: unknown, fetch: unknown\n${pure}\n${gateway}` }))
  t.deepEqual(diagnostics, [])
})

const exported: Readonly<Record<string, readonly [text: string, got: RegExp, at: string]>> = {
  nothing: ['export const x = 1\n', /exports nothing/, 'gateway.config.ts:1:1'],
  'a plain object': [`${head}\n export default { routes: [] }\n`, /an object that defineGateway did not make/, 'gateway.config.ts:3:2'],
  'a promise': ['export default Promise.resolve(1)\n', /a promise/, 'gateway.config.ts:1:1'],
  'a function': ['export default () => 1\n', /a function/, 'gateway.config.ts:1:1'],
  'a forgery': [`${head}export default { kind: 'gateway', options: { listeners: {}, routes: [] } }\n`, /an object that defineGateway did not make/, 'gateway.config.ts:2:1'],
  'an empty file': ['', /exports/, 'gateway.config.ts:1:1']
}

for (const [name, [text, got, at]] of Object.entries(exported)) {
  test.serial(`a default export must be a gateway, not ${name}`, async (t) => {
    const { diagnostics: [first] } = await load(project({ 'gateway.config.ts': text }))
    t.is(first?.code, 'config/no-gateway')
    t.regex(first?.message ?? '', got)
    t.is(`${first?.place?.origin.file}:${first?.place?.origin.line}:${first?.place?.origin.column}`, at)
  })
}

test.serial('a config that does not end is ended', async (t) => {
  const limits = { timeout: 300, memory: 128 }
  const { diagnostics } = await load(project({ 'gateway.config.ts': `${head}for (;;) ;\n${gateway}` }), { limits })
  t.deepEqual(diagnostics.map(({ code, place }) => [code, place?.origin.file]), [['config/timeout', 'gateway.config.ts']])
  // The timers of a promise never run, so an endless chain of them is never begun.
  const endless = await load(project({ 'gateway.config.ts': `${head}const again = async (): Promise<void> => { await null; await again() }\nvoid again()\n${gateway}` }), { limits })
  t.deepEqual(endless.diagnostics, [])
})

test.serial('a config that eats memory is ended', async (t) => {
  const { diagnostics } = await load(project({ 'gateway.config.ts': `${head}const all: unknown[] = []\nfor (;;) all.push(new Array(1000).fill(1))\n${gateway}` }), { limits: { timeout: 30_000, memory: 64 } })
  t.deepEqual(diagnostics.map(({ code }) => code), ['config/out-of-memory'])
})

if (process.platform === 'linux') {
  test.serial('a config that eats memory outside of its heap is ended', async (t) => {
    const { diagnostics } = await load(project({ 'gateway.config.ts': `${head}const all: unknown[] = []\nfor (;;) all.push(new Uint8Array(1 << 20).fill(1))\n${gateway}` }), { limits: { timeout: 30_000, memory: 64 } })
    t.deepEqual(diagnostics.map(({ code }) => code), ['config/out-of-memory'])
  })
}

test.serial('nothing of the host can be reached from a config', async (t) => {
  // Every road from values that a config is given to the constructors of their realm, and from there to the host.
  const attempts = [
    '(route as any).constructor("return process")()',
    '(route as any).constructor.constructor("return process")()',
    '(globalThis as any).constructor.constructor("return process")()',
    'Object.getPrototypeOf(async function () {}).constructor("return process")()',
    '(upstream("x", { targets: [] }) as any).constructor.constructor("return this")().process',
    '(() => { try { env(Symbol() as any) } catch (e: any) { return e.constructor.constructor("return process")() } })()',
    '(0, eval)("process")',
    '(route as any).constructor("return import(\\"node:fs\\")")()'
  ]
  const script = attempts.map((attempt) => `try { found.push(typeof (${attempt})) } catch (e: any) { found.push(e.name) }`).join('\n')
  const { config, diagnostics } = await load(project({ 'gateway.config.ts': `${head}const found: string[] = []\n${script}\nexport default defineGateway({ name: found.join(), listeners: {}, routes: [] })\n` }))
  t.deepEqual(diagnostics, [])
  const seen = (config?.document.name ?? '').split(',')
  t.is(seen.length, attempts.length)
  t.deepEqual(seen.filter((name) => name !== 'EvalError'), [])
})

test.serial('a config cannot change the realm that answers for it', async (t) => {
  const { diagnostics } = await load(project({ 'gateway.config.ts': `${head}const proto = Object.getPrototypeOf((upstream('a', { targets: [] }) as any).options)\nproto.toJSON = () => ({})\n${gateway}` }))
  t.deepEqual(diagnostics.map(({ code, message }) => [code, /not extensible/.test(message)]), [['config/threw', true]])
})

test.serial('a process that evaluates has no network left', (t) => {
  const script = `
    import net from 'node:net'
    import tls from 'node:tls'
    import http from 'node:http'
    import dgram from 'node:dgram'
    import dns from 'node:dns'
    import { disableNetwork } from ${JSON.stringify(new URL('../compiler/load/no-network.js', import.meta.url).href)}
    disableNetwork()
    const attempts = [
      () => net.connect(1, '127.0.0.1'), () => new net.Socket().connect(1), () => net.createServer().listen(0), () => tls.connect(1, '127.0.0.1'),
      () => http.get('http://127.0.0.1:1'), () => dgram.createSocket('udp4'), () => dns.lookup('localhost', () => {}), () => new dns.Resolver().resolve4('localhost', () => {}),
      () => dns.promises.resolve4('localhost'), () => fetch('http://127.0.0.1:1')
    ]
    const got = attempts.map((attempt) => { try { attempt(); return 'open' } catch (error) { return error.message } })
    process.stdout.write(JSON.stringify(got))`
  const got = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })) as string[]
  t.deepEqual(got.slice(0, -1), got.slice(0, -1).map(() => 'a config has no network'))
  t.is(got.at(-1), 'fetch is not defined')
})

test.serial('the environment of the process does not leak, and values come through env only', async (t) => {
  process.env['GWC_LOAD_TEST'] = 'leaked'
  const { config, diagnostics } = await load(project({ 'gateway.config.ts': `${head}export default defineGateway({ name: env('NAME') + env('GWC_LOAD_TEST', '-default'), listeners: {}, routes: [] })\n` }), { env: { NAME: 'given', OTHER: 'x' } })
  delete process.env['GWC_LOAD_TEST']
  t.deepEqual(diagnostics, [])
  t.is(config?.document.name, 'given-default')
  t.deepEqual(config?.env, ['GWC_LOAD_TEST', 'NAME'])
})

test.serial('names that objects inherit are refused in programs and in JSON', async (t) => {
  const program = { 'gateway.config.ts': head + gateway.replace('{ to:', '{ when: { query: { [\'__proto__\']: \'x\' } }, to:') }
  t.deepEqual(findings(await load(project(program)), program), ['config/reserved-key gateway.config.ts:2:86 \'x\''])
  const json = { 'gateway.config.json': '{\n  "listeners": { "constructor": { "port": 1 } },\n  "routes": []\n}' }
  t.deepEqual(findings(await load(project(json)), json), ['config/reserved-key gateway.config.json:2:33 {'])
})

const badJson: Readonly<Record<string, readonly [marked: string, code: string, message: RegExp]>> = {
  'a comment': ['{\n  ~// no\n}', 'config/syntax-error', /comments/],
  'a trailing comma': ['{ "routes": [1, ~] }', 'config/syntax-error', /comma after the last element/],
  'single quotes': ['{ ~\'routes\': [] }', 'config/syntax-error', /double quotes/],
  'an open string': ['{ "name": ~"x\n}', 'config/syntax-error', /not ended/],
  'two documents': ['{}\n~{}', 'config/syntax-error', /the document ends here/],
  'an end too early': ['{ "routes": [~', 'config/syntax-error', /the end of the file/],
  'a bad number': ['{ "port": ~01 }', 'config/syntax-error', /./],
  'one name twice': ['{ "name": "a",\n  ~"name": "b" }', 'config/duplicate-key', /"name" is here twice/]
}

for (const [name, [marked, code, message]] of Object.entries(badJson)) {
  test(`JSON with ${name} is refused with its position`, async (t) => {
    const { text, at } = unmark('gateway.config.json', marked)
    const { diagnostics: [first] } = await load(project({ 'gateway.config.json': text }))
    t.is(first?.code, code)
    t.regex(first?.message ?? '', message)
    if (name !== 'a bad number') t.is(`${first?.place?.origin.file}:${first?.place?.origin.line}:${first?.place?.origin.column}`, at)
  })
}

test.serial('type errors have places, numbers and suggestions; the config alone is checked, without packages', async (t) => {
  const files = {
    'gateway.config.ts': `${head}import { more } from './more.ts'\nconst app = upstream('app', { targets: ['http://127.0.0.1:1'] })\nexport default defineGateway({ listeners: { a: http({ prt: 1 }) }, routes: [route('GET /:id', { to: app, rewrite: '/{idd}' }), ...more] })\n`,
    'more.ts': 'import { route } from \'gwc\'\nexport const more = [route(\'/x\', { to: \'app\' })]\nconsole.log(1)\n'
  }
  const compilation = await compile({ cwd: project(files), env: {} }, 'validate')
  t.deepEqual(findings(compilation, files).filter((finding) => finding.includes('type-error')).sort(), [
    'config/type-error gateway.config.ts:4:55 prt',
    'config/type-error gateway.config.ts:4:106 rewrite',
    'config/type-error more.ts:2:36 to'
  ].sort())
  t.regex(compilation.diagnostics.map(({ message }) => message).join('\n'), /'prt' does not exist[^]*Did you mean to write 'port'\? \(TS2561\)/)
  t.is(compilation.resolved, undefined)
})

test.serial('what only a host has is told once, as what it is', async (t) => {
  const { diagnostics } = await compile({ cwd: project({ 'gateway.config.ts': `${head}console.log(1)\nconst home = process.env.HOME\n${gateway}` }), env: {} }, 'types')
  t.deepEqual(diagnostics.map(({ code, message }) => [code, message]), [['config/log', '1'], ['config/impure', '`process` reads the machine it runs on']])
})

test.serial('type errors keep the user\'s strictness and lose the user\'s hosts', async (t) => {
  const files = {
    'tsconfig.json': '{ "compilerOptions": { "strict": false, "lib": ["es2023", "dom"], "types": ["node"], "module": "nodenext", "outDir": "out", "rootDir": ".", "baseUrl": ".", "composite": true, "declarationDir": "d", "notAnOption": 1 } }',
    'package.json': '{"type":"commonjs"}',
    'gateway.config.ts': `${head}export function id (x) { return x }\nconst last = [1].findLast(() => true)\n${gateway}`
  }
  const { diagnostics } = await compile({ cwd: project(files), env: {} }, 'types')
  t.deepEqual(diagnostics, [])
})

test.serial('a type check stores its code cache once, and a damaged one does no harm', async (t) => {
  const folder = join(temporary, 'home', 'gwc')
  mkdirSync(dirname(folder))
  const run = async (): Promise<string[]> => {
    const check = checkTypes({ entry: join(project({ 'gateway.config.ts': head + gateway }), 'gateway.config.ts'), overlay: undefined, cacheFolder: folder })
    const { diagnostics } = await check.result
    await check.ended
    return diagnostics.map(({ code }) => code)
  }
  t.deepEqual(await run(), [])
  const names = readdirSync(folder)
  t.is(names.length, 1)
  const file = join(folder, names[0]!)
  t.is(statSync(file).mode & 0o077, 0)
  const good = readFileSync(file)
  t.deepEqual(await run(), [])
  t.true(readFileSync(file).equals(good))
  const flipped = Buffer.from(good)
  flipped.fill(0, 5000, 6000)
  for (const damaged of [good.subarray(0, 100), flipped]) {
    writeFileSync(file, damaged)
    t.deepEqual(await run(), [])
    t.not(readFileSync(file).length, damaged.length === good.length ? 0 : damaged.length)
  }
  // A folder that cannot be made is not missed.
  rmSync(join(temporary, 'home'), { recursive: true })
  t.deepEqual(await run(), [])
})
