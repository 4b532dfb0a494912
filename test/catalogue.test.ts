import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { catalogue } from '../compiler/problems.ts'
import { registry } from '../policies/registry.ts'

const root = new URL('../../', import.meta.url)

/** Codes that no config by itself can bring about, and where they are tested. */
const elsewhere: Readonly<Record<string, string>> = {
  'config/not-found': 'there is no config: test/cli.test.ts',
  'config/timeout': 'takes as long as the limit: test/load.test.ts',
  'config/out-of-memory': 'takes as much as the limit: test/load.test.ts',
  'config/crashed': 'a fault of the machine'
}

test('every code is named once, after its owner, and says what is wrong and how to mend it', (t) => {
  const entries = catalogue()
  t.true(entries.length > 40)
  t.deepEqual(entries.map(({ code }) => code).filter((code, index, all) => all.indexOf(code) !== index), [])
  for (const { code, summary, docs } of entries) {
    t.regex(code, /^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/)
    t.regex(summary, /^[A-Z`].*\.$/s, `${code}: the summary is a sentence`)
    t.true(docs.length > 40 || registry.has(code.slice(0, code.indexOf('/'))), `${code} has docs`)
  }
})

test('every code that a config can bring about has a failing and a passing fixture', (t) => {
  for (const { code } of catalogue()) {
    if (Object.hasOwn(elsewhere, code)) continue
    for (const kind of ['fails', 'passes']) {
      const folder = `fixtures/rules/${code.replace('/', '-')}/${kind}`
      t.true(['ts', 'json'].some((ending) => existsSync(new URL(`${folder}/gateway.config.${ending}`, root))), `${folder} is missing`)
    }
  }
  const codes = new Set(catalogue().map(({ code }) => code))
  t.deepEqual(Object.keys(elsewhere).filter((code) => !codes.has(code)), [])
})

test('policies report under their own name', (t) => {
  for (const { name, problems } of registry.values()) {
    for (const { code } of problems) t.true(code.startsWith(`${name}/`), code)
  }
})

test('docs/diagnostics.md is generated from the catalogue', (t) => {
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('dist/compiler/render/write-catalogue-page.js', root)), '--check'], { encoding: 'utf8' })
  t.is(status, 0, stderr)
})
