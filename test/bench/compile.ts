import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchRow } from './row.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const compiler = new URL('../../compiler/compile.js', import.meta.url).href
const writer = new URL('../../schema/bundle-file.js', import.meta.url).href

/** Times the passes over configs of different sizes, and the whole command on the bank example, each in a process of its own. */
export async function benchCompile ({ quick }: { readonly quick: boolean }): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  const folder = mkdtempSync(join(tmpdir(), 'gwc-bench-compile-'))
  try {
    for (const routes of quick ? [100, 1_000] : [100, 1_000, 10_000]) {
      writeFileSync(join(folder, 'gateway.config.ts'), configOf(routes))
      // The type check of ten thousand literal types is a measure of TypeScript; the budget is on what comes after it.
      const types = routes <= 1_000
      await measurePasses(folder, types)
      const measured = await measurePasses(folder, types)
      const scenario = `${routes} routes`
      for (const [pass, value] of Object.entries(measured.timings)) rows.push({ bench: 'compile', scenario, subject: 'gwc', metric: pass, value, unit: 'ms' })
      const afterTypes = Object.entries(measured.timings).filter(([pass]) => pass !== 'types').reduce((sum, [, value]) => sum + value, 0)
      rows.push({ bench: 'compile', scenario, subject: 'gwc', metric: 'all but types', value: afterTypes, unit: 'ms' })
      rows.push({ bench: 'compile', scenario, subject: 'gwc', metric: 'peak memory', value: measured.rss, unit: 'MiB' })
      rows.push({ bench: 'compile', scenario, subject: 'gwc', metric: 'bundle', value: measured.bytes / 1024, unit: 'KiB' })
    }
    const cli = join(root, 'dist/compiler/cli.js')
    const bank = join(root, 'fixtures/bank/gateway.config.ts')
    const walls: number[] = []
    for (let round = 0; round < (quick ? 3 : 7); round++) walls.push((await run([cli, 'validate', '--config', bank])).wall)
    rows.push({ bench: 'compile', scenario: 'gwc validate, bank', subject: 'gwc', metric: 'cold wall, median', value: walls.sort((a, b) => a - b)[walls.length >> 1]!, unit: 'ms' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}

interface Measured {
  readonly timings: Readonly<Record<string, number>>
  readonly rss: number
  readonly bytes: number
}

async function measurePasses (cwd: string, types: boolean): Promise<Measured> {
  const script = `
    const { compile } = await import(${JSON.stringify(compiler)})
    const { writeBundle } = await import(${JSON.stringify(writer)})
    const { timings, bundle, diagnostics } = await compile({ cwd: ${JSON.stringify(cwd)}, env: process.env, types: ${types} }, 'emit')
    if (bundle === undefined) throw new Error(JSON.stringify(diagnostics.slice(0, 3)))
    const bytes = writeBundle(bundle).length
    process.stdout.write(JSON.stringify({ timings, bytes, rss: process.resourceUsage().maxRSS / 1024 }))`
  return JSON.parse((await run(['--input-type=module', '-e', script])).output) as Measured
}

async function run (parameters: readonly string[]): Promise<{ readonly output: string, readonly wall: number }> {
  const start = performance.now()
  const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
  const code = await new Promise((resolve) => { child.once('close', resolve) })
  if (code !== 0) throw new Error(`${parameters.join(' ').slice(0, 80)} ended with ${String(code)}`)
  return { output, wall: performance.now() - start }
}

/** Routes as a program with helpers would make them: REST-like, some constrained, some conditional, in groups with policies. */
function configOf (count: number): string {
  const resources = Array.from({ length: Math.ceil(count / 10) }, (_, index) => `resource('r${index}')`)
  return `import { defineGateway, group, http, route, upstream } from 'gwc'
import { headers, rateLimit } from 'gwc/policies'
const app = upstream('app', { targets: ['http://10.0.0.1:8080', { url: 'http://10.0.0.2:8080', weight: 2 }] })
const resource = (name: string) => group({ host: 'api.example.com', prefix: \`/v1/\${name}\`, policies: [rateLimit({ limit: 100, window: '1m' })] }, [
  route('GET /', { to: app }),
  route('POST /', { to: app, timeout: '5s' }),
  route('GET /:id', { to: app, rewrite: '/v2/{id}' }),
  route('PUT /:id', { to: app, policies: [headers({ request: { set: { 'x-from': 'gateway' } } })] }),
  route('DELETE /:id(\\\\d+)', { to: app }),
  route('GET /:id/items', { to: app }),
  route('GET /:id/items/:item', { to: app, when: { headers: { 'x-beta': true } } }),
  route('GET /:id/items/:item', { to: app }),
  route('GET /export/:file.csv', { to: app }),
  route('/files/:path*', { to: app })
])
export default defineGateway({ listeners: { public: http({ port: 8080 }) }, routes: [
  ${resources.join(',\n  ')}
] })
`
}
