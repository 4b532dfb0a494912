import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import ts from 'typescript'
import { init } from '../compiler/commands/init.ts'
import { Editor } from './support/editor.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gwc-init-')))
const modules = join(folder, 'node_modules')
test.after.always(() => { rmSync(folder, { recursive: true, force: true }) })

/** Runs a program and answers its exit code and output; a program that is missing fails the test. */
function run (program: string, args: readonly string[], cwd: string): Promise<{ readonly code: number | null, readonly output: string }> {
  return new Promise((resolve, reject) => {
    const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${join(modules, '.bin')}${delimiter}${process.env['PATH']}`, NO_COLOR: '1' }
    // Should this run inside Node's test runner, the runner of the project would do nothing.
    delete env['NODE_TEST_CONTEXT']
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
    child.on('error', (error) => { reject(new Error(`${program} is needed for this test: ${error.message}`)) })
    child.on('close', (code) => { resolve({ code, output }) })
  })
}

/** Installs the package as npm would: its packed files, and beside them its dependencies, which are linked so that no network is needed. */
test.before(async () => {
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--silent', '--pack-destination', folder], root)
  const [{ filename }] = JSON.parse(packed.output.slice(packed.output.indexOf('[\n'))) as [{ filename: string }]
  mkdirSync(join(modules, 'gwc'), { recursive: true })
  const unpacked = await run('tar', ['-xzf', join(folder, filename), '-C', join(modules, 'gwc'), '--strip-components=1'], folder)
  if (unpacked.code !== 0) throw new Error(unpacked.output)
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  for (const name of Object.keys(dependencies)) {
    mkdirSync(join(modules, name, '..'), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'dir')
  }
  chmodSync(join(modules, 'gwc/dist/compiler/cli.js'), 0o755)
  mkdirSync(join(modules, '.bin'))
  symlinkSync(join('..', 'gwc', 'dist', 'compiler', 'cli.js'), join(modules, '.bin', 'gwc'))
})

test.serial('the package holds what it needs and no tests', (t) => {
  const files = readdirSync(join(modules, 'gwc'), { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'))
  for (const name of ['dist/schema/index.d.ts', 'dist/policies/index.js', 'schema/generated/gateway.schema.json', 'compiler/init/template/gitignore', 'LICENSE']) t.true(files.includes(name), name)
  t.deepEqual(files.filter((name) => /\.test\.|^dist\/(?:test|fixtures)\/|^(?:schema|policies|compiler|runtime)\/.*(?<!template\/gateway\.config)\.ts$/.test(name) && !name.startsWith('compiler/init/template/')), [])
})

test.serial('gwc init writes a project that type-checks, validates, passes its test and completes in the editor', async (t) => {
  const created = await run('gwc', ['init', '--yes'], folder)
  t.is(created.code, 0, created.output)
  t.regex(created.output, /\+ gateway\.config\.ts\n[^]*\+ \.gitignore\n[^]*Next:\n {2}npm install\n/)

  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as { config: unknown }
  const { fileNames, options, errors } = ts.parseJsonConfigFileContent(config, ts.sys, folder)
  t.deepEqual(fileNames.map((name) => name.slice(folder.length + 1)), ['gateway.config.ts', 'gateway.route.test.ts'])
  const program = ts.createProgram(fileNames, options)
  t.deepEqual([...errors, ...ts.getPreEmitDiagnostics(program)].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')), [])
  t.true(program.getSourceFiles().some(({ fileName }) => fileName === join(modules, 'gwc/dist/policies/index.d.ts')), 'types come from the installed package')

  const validated = await run('gwc', ['validate'], folder)
  t.is(validated.code, 0, validated.output)
  t.regex(validated.output, /2 routes, 1 upstream, 1 listener/)
  const tested = await run('npm', ['test'], folder)
  t.is(tested.code, 0, tested.output)
  t.regex(tested.output, /2 route tests passed, 0 failed/)

  const editor = new Editor(folder, options)
  t.teardown(() => { editor.dispose() })
  const text = readFileSync(join(folder, 'gateway.config.ts'), 'utf8')
  const complete = (before: string, written: string): string[] => {
    t.true(text.includes(before), before)
    return editor.completions('gateway.config.ts', text.replace(before, `${before}${written}§`))
  }
  t.deepEqual(complete('rateLimit({ ', '').slice(0, 4), ['limit', 'algorithm', 'burst', 'by'])
  t.true(complete("rewrite: '/api/users/{id}', ", '').includes('timeout'))
  t.deepEqual(complete("rewrite: '/api/users/{id}", '/{'), ['/api/users/{id}/{id}'])
  t.regex(editor.hover('gateway.config.ts', text.replace('rewrite:', '§rewrite:')).docs, /^Path to ask the upstream for/)
  editor.open('gateway.config.ts', text.replace('{id}', '{idd}'))
  t.deepEqual(editor.errors('gateway.config.ts').map(({ text }) => text), ['rewrite'])
})

test.serial('gwc init keeps what is there, says so, and overwrites only with --force', async (t) => {
  const run = async (args: string[], options: Record<string, unknown> = {}): Promise<string> => {
    let output = ''
    const code = await init.run(args, options, { cwd: folder, env: {}, out: (text) => { output += text }, err: () => {}, color: false, signal: AbortSignal.abort() })
    t.is(code, 0)
    return output
  }
  const there = join(folder, 'there')
  mkdirSync(there)
  writeFileSync(join(there, 'gateway.config.json'), '{}')
  writeFileSync(join(there, 'package.json'), '{ "name": "mine" }')
  const output = await run(['there'])
  t.regex(output, /- gateway\.config\.ts left out: gateway\.config\.json is there\n- gateway\.route\.test\.ts left out[^]*- package\.json is there\n/)
  t.regex(output, /--force overwrites it[^]*npm install --save-dev gwc@[^]*cd there/)
  t.false(existsSync(join(there, 'gateway.config.ts')))
  t.is(readFileSync(join(there, 'package.json'), 'utf8'), '{ "name": "mine" }')

  t.regex(await run(['there'], { force: true }), /\+ package\.json[^]*- gateway\.config\.ts left out/)
  t.is((JSON.parse(readFileSync(join(there, 'package.json'), 'utf8')) as { name: string }).name, 'there')
  t.is(readFileSync(join(there, 'gateway.config.json'), 'utf8'), '{}')

  await run(['My Shop'])
  const manifest = JSON.parse(readFileSync(join(folder, 'My Shop', 'package.json'), 'utf8')) as { name: string, devDependencies: Record<string, string> }
  t.is(manifest.name, 'my-shop')
  t.is(manifest.devDependencies['gwc'], (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version)
})
