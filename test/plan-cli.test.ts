import { mkdtempSync, readFileSync, rmSync, symlinkSync, mkdirSync, writeFileSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { freePort, gitFixture } from './support/git.ts'
import type { GitFixture } from './support/git.ts'
import { runGwc, serveGwc } from './support/gwc.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const route = (line: string): string => `    route(${line})`
const config = (...routes: readonly string[]): string => `import { defineGateway, http, route, secret, upstream } from 'gwc'
import { apiKey } from 'gwc/policies'

const app = upstream('app', { targets: ['http://127.0.0.1:9'] })
const other = upstream('other', { targets: ['http://127.0.0.1:10'] })
const keys = apiKey({ keys: [{ id: 'a', hash: secret('KEY') }] })

export default defineGateway({
  name: 'cli',
  listeners: { public: http({ port: 0, address: '127.0.0.1' }) },
  routes: [
${routes.map(route).join(',\n')}
  ]
})
`
const open = "'GET /open', { to: app }"
const closed = "'GET /closed', { to: app, policies: [keys] }"
const base = config(open, closed)

/** A repository whose `main` has `base` in a folder of its own, and a working copy. */
async function project (t: ExecutionContext): Promise<{ readonly git: GitFixture, readonly folder: string, gwc (...args: string[]): Promise<{ code: number | null, text: string }>, write (text: string): void }> {
  const scratch = mkdtempSync(join(tmpdir(), 'gwc-plan-'))
  t.teardown(() => { rmSync(scratch, { recursive: true, force: true }) })
  const git = await gitFixture(scratch)
  await git.push({ 'infra/gateway.config.ts': base, '.gitignore': 'node_modules\n' })
  const folder = join(git.work, 'infra')
  mkdirSync(join(git.work, 'node_modules'))
  symlinkSync(root, join(git.work, 'node_modules/gwc'))
  return { git, folder, gwc: (...args) => runGwc(['plan', '--no-types', ...args], folder), write: (text) => { writeFileSync(join(folder, 'gateway.config.ts'), text) } }
}

test('exit codes: each of them, and errors before inconclusive before approval before changes', async (t) => {
  const { git, gwc, write, folder } = await project(t)
  t.is((await gwc('--detailed-exitcode')).code, 0, 'nothing changed')

  write(config("'GET /open', { to: other }", closed))
  t.is((await gwc()).code, 0, 'changes alone are no failure')
  const changed = await gwc('--detailed-exitcode', '--require-approval', 'weakening')
  t.is(changed.code, 2, changed.text)
  t.is((await gwc('--detailed-exitcode', '--require-approval', 'any-change')).code, 3)

  write(config(open, "'GET /closed', { to: app }"))
  const weakening = await gwc('--detailed-exitcode', '--require-approval', 'weakening')
  t.is(weakening.code, 3)
  t.regex(weakening.text, /W02 authentication removed/)
  t.regex(weakening.text, /401 app → 502 app|401 app → 200 app/, 'the witness was sent to both')
  const inCi = await runGwc(['plan', '--no-types', '--detailed-exitcode'], folder, { CI: 'true' })
  t.is(inCi.code, 3, 'CI asks for approval of a weakening unless told otherwise')
  const budget = await gwc('--budget', '1', '--on-unknown', 'fail', '--require-approval', 'weakening', '--detailed-exitcode')
  t.is(budget.code, 4, budget.text)
  t.is((await gwc('--budget', '1', '--on-unknown', 'warn', '--require-approval', 'weakening')).code, 3, 'what is unknown has to be approved')

  write(base.replace("to: app }", 'to: nothing }'))
  const invalid = await gwc('--detailed-exitcode', '--format', 'json')
  t.is(invalid.code, 1)
  t.regex(invalid.text, /nothing is not defined|ReferenceError/)

  write(config("'GET /open', { to: other }", closed))
  t.is((await gwc('--base', 'git:no-such-branch')).code, 74)
  t.is((await gwc('--base', 'svn:trunk')).code, 64)
  writeFileSync(join(folder, 'new.config.ts'), base)
  const first = await gwc('--config', 'new.config.ts')
  t.is(first.code, 1)
  t.regex(first.text, /HEAD has no new\.config\.ts yet: --base empty plans against nothing/)
  t.is((await gwc('--base', 'file:missing.json')).code, 74)
  await runGwc(['compile', '--no-types', '--out', 'good.json'], folder)
  writeFileSync(join(folder, 'bad.json'), readFileSync(join(folder, 'good.json'), 'utf8').replace('/open', '/opem'))
  const damaged = await gwc('--base', 'file:bad.json')
  t.is(damaged.code, 7, damaged.text)
  t.is((await gwc('--base', 'file:good.json', '--detailed-exitcode')).code, 0)
  t.is((await gwc('--base', 'empty', '--detailed-exitcode')).code, 2)

  // main moves on while the working copy stays behind.
  await git.git('branch', 'ahead')
  await git.git('checkout', '--quiet', 'ahead', '--force')
  write(config(open, closed, "'GET /new', { to: app }"))
  await git.git('commit', '--quiet', '-am', 'ahead')
  await git.git('checkout', '--quiet', 'main')
  write(config("'GET /open', { to: other }", closed))
  const stale = await gwc('--base', 'git:ahead', '--require-approval', 'any-change', '--detailed-exitcode')
  t.is(stale.code, 6, stale.text)
  t.regex(stale.text, /1 commit that the working tree lacks/)
  t.is((await gwc('--base', 'git:ahead', '--merge-base', '--detailed-exitcode')).code, 2)
  t.is((await gwc('--base', 'git:ahead', '--allow-stale', '--detailed-exitcode')).code, 2)
  t.is(await git.git('status', '--porcelain', '--', '.gitignore'), '', 'the working copy and its index are as they were')
})

test('a saved plan is shown in other formats and knows when its base has moved; an approval holds for its change', async (t) => {
  const { git, folder, gwc, write } = await project(t)
  write(config(open, "'GET /closed', { to: app }"))
  const first = await gwc('--require-approval', 'weakening', '--out', 'plan.json', '--format', 'markdown=comment.md', '--format', 'github')
  t.is(first.code, 3)
  t.regex(first.text, /^::error file=infra\/gateway.config.ts,line=12,col=5,title=plan%2Fw02|^::error file=/m)
  t.regex(readFileSync(join(folder, 'comment.md'), 'utf8'), /^<!-- gwc:cli -->\n## Gateway plan: 1 weakening, approval needed/)

  const shown = await runGwc(['show', 'plan.json', '--base', 'git:main'], folder)
  t.is(shown.code, 0, shown.text)
  t.regex(shown.text, /W02/)

  const approved = await runGwc(['approve', 'c1', '--plan', 'plan.json', '--reason', 'the page is public now', '--by', 'ada@example.com', '--expires', '2099-01-01'], folder)
  t.is(approved.code, 0, approved.text)
  t.true(existsSync(join(folder, '.gateway/approvals.json')))
  const second = await gwc('--require-approval', 'weakening')
  t.is(second.code, 0, second.text)
  t.regex(second.text, /approved by ada@example.com: the page is public now \(until 2099-01-01\)/)

  // Another change keeps it; another region does not.
  write(config("'GET /open', { to: other }", "'GET /closed', { to: app }"))
  t.is((await gwc('--require-approval', 'weakening')).code, 0)
  write(config(open, "'/closed', { to: app }"))
  t.is((await gwc('--require-approval', 'weakening')).code, 3)
  write(base)
  const unused = await gwc('--require-approval', 'weakening')
  t.is(unused.code, 0)
  t.regex(unused.text, /no change of this plan needs the approval of ada@example.com/)

  await git.push({ 'infra/gateway.config.ts': config(open, closed, "'GET /more', { to: app }") })
  const moved = await runGwc(['show', 'plan.json', '--base', 'git:main'], folder)
  t.is(moved.code, 6)
  t.regex(moved.text, /the plan is stale/)
  t.is((await runGwc(['approve', 'c9', '--plan', 'plan.json', '--reason', 'x', '--by', 'me'], folder)).code, 64)
})

test('the base is what a running gateway serves', async (t) => {
  const { folder, gwc, write } = await project(t)
  await runGwc(['compile', '--no-types', '--out', 'live.json'], folder)
  process.env['KEY'] = `sha256:${'1'.repeat(64)}`
  const address = `127.0.0.1:${await freePort()}`
  await serveGwc(t, ['--bundle', 'live.json', '--state-dir', 'state', '--admin', address], folder)
  t.is((await gwc('--base', `url:http://${address}`, '--detailed-exitcode')).code, 0)
  write(config("'GET /open', { to: other }", closed))
  const changed = await gwc('--base', `url:http://${address}/bundle`, '--detailed-exitcode')
  t.is(changed.code, 2, changed.text)
  t.regex(changed.text, /127\.0\.0\.1:10/)
  t.is((await gwc('--base', `url:http://${address}/nothing`)).code, 74)
})

test('the base is what a gateway serves that is asked by its socket', async (t) => {
  const { folder, gwc, write } = await project(t)
  await runGwc(['compile', '--no-types', '--out', 'live.json'], folder)
  process.env['KEY'] = `sha256:${'1'.repeat(64)}`
  await serveGwc(t, ['--bundle', 'live.json', '--state-dir', 'state'], folder)
  t.is((await gwc('--base', 'url:./state/admin.sock', '--detailed-exitcode')).code, 0)
  write(config("'GET /open', { to: other }", closed))
  t.is((await gwc('--base', `url:unix:${join(folder, 'state/admin.sock')}`, '--detailed-exitcode')).code, 2)
  const gone = await gwc('--base', 'url:./nowhere.sock')
  t.is(gone.code, 74)
  t.regex(gone.text, /nowhere\.sock cannot be read: .*ENOENT/)
})
