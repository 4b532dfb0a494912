import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { catalogue } from '../problems.ts'
import { cataloguePage } from './catalogue-page.ts'

/** Writes docs/diagnostics.md. With `--check` it only tells, by its exit code, whether the page is what it should be. */
const root = new URL('../../../', import.meta.url)
const page = new URL('docs/diagnostics.md', root)
const text = cataloguePage(catalogue(), example)

if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  process.stderr.write('docs/diagnostics.md is stale: npm run build && node dist/compiler/render/write-catalogue-page.js\n')
  process.exitCode = 1
}

/** The config of the fixture that fails with this code. */
function example (code: string): { language: string, source: string } | undefined {
  for (const language of ['ts', 'json']) {
    const file = new URL(`fixtures/rules/${code.replace('/', '-')}/fails/gateway.config.${language}`, root)
    if (existsSync(file)) return { language, source: readFileSync(file, 'utf8') }
  }
  return undefined
}
