import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { runGwc } from './support/gwc.ts'

/* How findings count: levels, locks, profiles and the baseline. What is found, is in fixtures/rules. */

const config = (...unused: readonly string[]): string => `import { defineGateway, http, route, upstream } from 'gwc'

const app = upstream('app', { targets: ['http://127.0.0.1:9'] })
${unused.join('\n')}
export default defineGateway({ listeners: { public: http({ port: 8080 }) }, routes: [route('GET /a', { to: app })], upstreams: [${unused.map((_, index) => `u${index}`).join(', ')}] })
`
const unused = (index: number): string => `const u${index} = upstream('u${index}', { targets: ['http://127.0.0.1:9'] })`

function project (t: ExecutionContext): { readonly folder: string, write (name: string, text: string): void, lint (...args: string[]): Promise<{ readonly code: number | null, readonly text: string }> } {
  const folder = mkdtempSync(join(tmpdir(), 'gwc-lint-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return { folder, write: (name, text) => { writeFileSync(join(folder, name), text) }, lint: (...args) => runGwc(['lint', '--no-types', '--format', 'compact', ...args], folder) }
}

test('settings: levels by code, profiles, and errors with their place', async (t) => {
  const { write, lint } = project(t)
  write('gateway.config.ts', config(unused(0)))
  t.deepEqual(await lint(), { code: 0, text: "gateway.config.ts:4:12: warning upstream/unused no route goes to upstream 'u0'\n" })
  t.is((await lint('--rule', 'upstream/unused=error')).code, 1)
  t.is((await lint('--rule', 'upstream/unused=off')).text, '')
  write('gateway.lint.json', '{ "rules": { "upstream/unused": "info" } }')
  t.regex((await lint()).text, /: info upstream\/unused/)
  write('gateway.lint.json', '{ "profile": "strict" }')
  t.is((await lint()).code, 1)
  write('gateway.lint.json', '{\n  "rules": { "upstream/unusd": "off" }\n}')
  t.deepEqual(await lint(), { code: 1, text: "gwc: gateway.lint.json:2:14: there is no code 'upstream/unusd'; did you mean 'upstream/unused'?\n" })
  write('gateway.lint.json', '{ "rules": { "route/unreachable": "warning" } }')
  t.regex((await lint()).text, /gateway\.lint\.json:1:35: 'route\/unreachable' is an error: no bundle can be made/)
  write('gateway.lint.json', '{}')
  t.is((await lint('--rule', 'upstream/unused')).code, 64)
})

test('some findings are told in the profile strict alone, or when asked for', async (t) => {
  const { write, lint } = project(t)
  write('gateway.config.ts', config())
  t.deepEqual(await lint(), { code: 0, text: '' })
  t.regex((await lint('--rule', 'auth/missing=warning')).text, /^gateway\.config\.ts:\S+ warning auth\/missing anybody may ask for '[^']*'\n$/)
  write('gateway.lint.json', '{ "profile": "strict", "rules": { "rate/missing": "info" } }')
  const { code, text } = await lint()
  t.is(code, 1)
  t.regex(text, / error auth\/missing /)
  t.regex(text, / info rate\/missing /)
  t.is((await lint('--rule', 'auth/missing=off')).code, 64, 'strict locks what is about authentication')
})

test('what is locked is silenced by no comment, no flag and no baseline', async (t) => {
  const { write, lint } = project(t)
  write('gateway.config.ts', config(`// gwc-disable-next-line upstream/unused -- later\n${unused(0)}`))
  t.is((await lint()).text, '')
  write('gateway.lint.json', '{ "locked": ["upstream/unused"] }')
  t.regex((await lint()).text, /^gateway\.config\.ts:4:1: warning suppression\/unused this suppression has no effect: 'upstream\/unused' is locked in gateway\.lint\.json\n.*warning upstream\/unused/)
  t.is((await lint('--rule', 'upstream/unused=off')).code, 64)
  await lint('--update-baseline')
  t.regex((await lint()).text, /warning upstream\/unused/)
})

test('the baseline: what was there is known, what is new is told, what is gone can go', async (t) => {
  const { folder, write, lint } = project(t)
  const baseline = join(folder, '.gateway/lint-baseline.json')
  write('gateway.config.ts', config(unused(0), unused(1)))
  t.regex((await lint('--update-baseline')).text, /2 findings known/)
  t.is((await lint('--max-warnings', '0')).code, 0)

  write('gateway.config.ts', config('', '', unused(0), unused(1)).replaceAll('u2', 'u0').replaceAll('u3', 'u1'))
  t.is((await lint('--max-warnings', '0')).code, 0, 'lines may move')
  write('gateway.config.ts', config(unused(0), unused(1), unused(2)))
  const more = await lint('--max-warnings', '0')
  t.is(more.code, 1)
  t.regex(more.text, /'u2'\n/)
  t.notRegex(more.text, /'u1'\n/)

  write('gateway.config.ts', config(unused(0)))
  t.regex((await lint()).text, /1 finding of the baseline is gone; --prune-baseline takes it out/)
  t.regex((await lint('--prune-baseline')).text, /1 finding taken out/)
  t.deepEqual((JSON.parse(readFileSync(baseline, 'utf8')) as { about: string }[]).map(({ about }) => about), ['upstream:u0'])
  writeFileSync(baseline, '{}')
  t.regex((await lint()).text, /lint-baseline\.json: not a baseline/)
})
