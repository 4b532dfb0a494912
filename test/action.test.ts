import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { gitFixture } from './support/git.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const action = readFileSync(join(root, 'action.yml'), 'utf8')

/** The text of a block scalar `key: |` of the action, the n-th of that name. */
function block (key: string, n: number): string {
  const found = [...action.matchAll(new RegExp(`^( +)${key}: \\|\\n((?:\\1 {2}.*\\n|\\n)+)`, 'gm'))][n]!
  return found[2]!.replaceAll(new RegExp(`^${found[1]!} {2}`, 'gm'), '')
}

async function bash (script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<{ readonly code: number | null, readonly text: string }> {
  const child = spawn('bash', ['-eo', 'pipefail', '-c', script], { cwd, env: { ...process.env, ...env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => { text += part.toString() })
  const [code] = await once(child, 'close') as [number | null]
  return { code, text }
}

const config = (line: string): string => `import { defineGateway, http, route, upstream } from 'gwc'
const app = upstream('app', { targets: ['http://127.0.0.1:9'] })
export default defineGateway({ name: 'acted', listeners: { public: http({ port: 8080 }) }, routes: [route('${line}', { to: app })] })
`

test('the action plans, tells the summary and its exit code, and fails only where it must', async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'gwc-action-'))
  t.teardown(() => { rmSync(scratch, { recursive: true, force: true }) })
  const git = await gitFixture(scratch)
  await git.push({ 'gateway.config.ts': config('GET /a'), 'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "strict": true, "types": [] } }', '.gitignore': 'node_modules\n' })
  mkdirSync(join(git.work, 'node_modules/.bin'), { recursive: true })
  symlinkSync(root, join(git.work, 'node_modules/gwc'))
  writeFileSync(join(git.work, 'node_modules/.bin/gwc'), `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'dist/compiler/cli.js')}' "$@"\n`, { mode: 0o755 })
  const temp = join(scratch, 'temp')
  mkdirSync(temp)
  const env = { RUNNER_TEMP: temp, GITHUB_STEP_SUMMARY: join(temp, 'summary'), GITHUB_OUTPUT: join(temp, 'output'), GITHUB_WORKSPACE: git.work, BASE: 'git:main', REQUIRE_APPROVAL: 'weakening', CI: 'true' }
  const step = async (): Promise<string> => {
    writeFileSync(env.GITHUB_OUTPUT, '')
    const { code, text } = await bash(block('run', 0), git.work, env)
    t.is(code, 0, text)
    return /exit-code=(\d+)/.exec(readFileSync(env.GITHUB_OUTPUT, 'utf8'))![1]!
  }
  t.is(await step(), '0')
  writeFileSync(join(git.work, 'gateway.config.ts'), config('GET /b'))
  t.is(await step(), '3')
  t.regex(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8'), /<!-- gwc:acted -->\n## Gateway plan: 1 weakening, 1 breaking, approval needed/)
  t.true(existsSync(join(temp, 'gwc-plan.json')))
  const end = async (code: string): Promise<number | null> => (await bash(block('run', 1), git.work, { CODE: code })).code
  t.deepEqual([await end('0'), await end('2'), await end('3'), await end('1')], [0, 0, 3, 1])
})

test('the comment of a pull request is made once, then replaced', async (t) => {
  const temp = mkdtempSync(join(tmpdir(), 'gwc-action-'))
  t.teardown(() => { rmSync(temp, { recursive: true, force: true }) })
  const file = join(temp, 'gwc-plan.md')
  const script = join(temp, 'script.cjs')
  writeFileSync(script, `module.exports = async (github, context, process) => {\n${block('script', 0)}\n}\n`)
  const { default: run } = await import(script) as { default: (github: object, context: object, process: object) => Promise<void> }
  const comments: { id: number, body: string }[] = [{ id: 1, body: 'somebody else' }, { id: 2, body: '<!-- gwc:other -->\nanother gateway' }]
  const github = {
    paginate: async (list: () => unknown) => list(),
    rest: { issues: {
      listComments: () => comments,
      createComment: async ({ body }: { body: string }) => { comments.push({ id: 3, body }) },
      updateComment: async ({ comment_id: id, body }: { comment_id: number, body: string }) => { comments.find((comment) => comment.id === id)!.body = body }
    } }
  }
  const act = () => run(github, { repo: { owner: 'o', repo: 'r' }, issue: { number: 7 } }, { env: { RUNNER_TEMP: temp } })
  await act()
  t.is(comments.length, 2, 'without a plan there is no comment')
  writeFileSync(file, '<!-- gwc:acted -->\nfirst')
  await act()
  writeFileSync(file, '<!-- gwc:acted -->\nsecond')
  await act()
  t.deepEqual(comments.map(({ body }) => body), ['somebody else', '<!-- gwc:other -->\nanother gateway', '<!-- gwc:acted -->\nsecond'])
})
