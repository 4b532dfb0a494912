import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchRow } from './row.ts'
import { compileBundle } from './subjects.ts'

const module = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url).href)

interface RouteDocument { readonly name: string, readonly match: string, readonly host?: string, readonly to: string, readonly policies?: readonly object[] }

/** Times the comparison of two bundles, cold, each in a process of its own: what comes after both are compiled. */
export async function benchPlan ({ quick }: { readonly quick: boolean }): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  const folder = mkdtempSync(join(tmpdir(), 'gwc-bench-plan-'))
  try {
    for (const count of quick ? [100, 1_000] : [100, 1_000, 10_000, 50_000]) {
      const routes = routesOf(count)
      const base = bundle(folder, 'base', routes)
      const one = (change: (route: RouteDocument) => RouteDocument): readonly RouteDocument[] => routes.map((route, i) => i === Math.floor(count / 2) + 1 ? change(route) : route)
      const heads: readonly (readonly [name: string, routes: readonly RouteDocument[]])[] = [
        ['no change, other order', [...routes].reverse()],
        ['one upstream', one((route) => ({ ...route, to: 'b' }))],
        ['one authentication removed', one(({ policies, ...route }) => route)],
        ['one broad route added', [...routes, { name: 'broad', match: 'POST /api/:version/*', to: 'b' }]],
        ['1 % of the routes', routes.map((route, i) => i % 100 === 0 ? { ...route, to: 'b' } : route)],
        ['every route', routes.map((route) => ({ ...route, to: 'b' }))]
      ]
      for (const [name, head] of heads) {
        const measured = await measure(base, bundle(folder, 'head', head))
        const row = { bench: 'plan', scenario: `${count} routes`, subject: name }
        rows.push({ ...row, metric: 'compare', value: measured.ms, unit: 'ms' }, { ...row, metric: 'peak memory', value: measured.rss, unit: 'MiB' },
          { ...row, metric: 'states', value: measured.states, unit: '' }, { ...row, metric: 'classes', value: measured.classes, unit: '' }, { ...row, metric: 'changed', value: measured.changed, unit: '' })
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}

function bundle (folder: string, name: string, routes: readonly RouteDocument[]): string {
  const place = { folder: join(folder, name), port: 8080, upstream: 9000 }
  mkdirSync(place.folder, { recursive: true })
  return compileBundle(place, { listeners: { public: { port: 8080 } }, upstreams: { a: { targets: ['http://10.0.0.1:80'] }, b: { targets: ['http://10.0.0.2:80'] } }, routes })
}

/** REST-like: literals, parameters, constraints, rests, some hosts, a fifth without authentication. */
function routesOf (count: number): readonly RouteDocument[] {
  const shapes = ['/api/v1/:0', '/api/v1/:0/:id', '/api/v1/:0/:id(\\d+)', '/api/v2/:0/:id/items', '/api/v2/:0/:id/items/:item', '/files/:0/*', '/:0']
  return Array.from({ length: count }, (_, i) => ({
    name: `r${i}`,
    match: `${['GET', 'POST', 'DELETE'][i % 3]!} ${shapes[i % shapes.length]!.replace(':0', `res${Math.floor(i / shapes.length)}`)}`,
    ...(i % 9 === 0 ? { host: `h${i % 50}.example.com` } : {}),
    to: 'a',
    ...(i % 5 === 0 ? {} : { policies: [{ 'api-key': { keys: [{ id: 'k', hash: { $secret: 'KEY' } }] } }] })
  }))
}

async function measure (base: string, head: string): Promise<{ readonly ms: number, readonly rss: number, readonly states: number, readonly classes: number, readonly changed: number }> {
  const script = `
    const { readFileSync, writeFileSync } = await import('node:fs')
    const { readBundle } = await import(${module('schema/bundle-file.js')})
    const { sideOf } = await import(${module('compiler/plan/side.js')})
    const { makePlan } = await import(${module('compiler/plan/make-plan.js')})
    const { registry } = await import(${module('policies/registry.js')})
    const about = { kind: 'file', ref: '', commit: null, dirty: false, bundle: null, semantic: null }
    const files = [${JSON.stringify(base)}, ${JSON.stringify(head)}].map((file) => readBundle(readFileSync(file, 'utf8')))
    const start = performance.now()
    const [before, after] = files.map(sideOf)
    const plan = makePlan({ before, after, base: about, head: about, registry, version: '' })
    const ms = performance.now() - start
    const { total, changed } = plan.summary.classes
    process.stdout.write(JSON.stringify({ ms, rss: process.resourceUsage().maxRSS / 1024, states: plan.proof.states, classes: total, changed }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
  const code = await new Promise((resolve) => { child.once('close', resolve) })
  if (code !== 0) throw new Error(`the comparison ended with ${String(code)}`)
  return JSON.parse(output) as Awaited<ReturnType<typeof measure>>
}
