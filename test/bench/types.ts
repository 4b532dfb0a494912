import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { route } from '../../schema/builders/route.ts'
import { upstream } from '../../schema/builders/upstream.ts'
import { installedProject } from '../support/installed.ts'
import { median } from './median.ts'
import type { BenchRow } from './row.ts'

/** Type check of one config file by number of routes: `cold` in a fresh process, `warm` again in the same process with only the config read anew. */
export async function benchTypes ({ quick }: { readonly quick: boolean }): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  for (const routes of quick ? [100, 1000] : [100, 1000, 5000]) {
    const project = installedProject()
    try {
      writeFileSync(join(project.folder, 'gateway.config.ts'), configText(routes))
      const runs = Array.from({ length: quick ? 1 : 5 }, () => measure(project.folder))
      const row = (metric: string, value: number, unit: string): BenchRow => ({ bench: 'types', scenario: `${routes} routes`, subject: 'TypeScript 6 API', metric, value, unit })
      rows.push(
        row('cold', median(runs.map(({ cold }) => cold)), 'ms'),
        row('warm', median(runs.map(({ warm }) => warm)), 'ms'),
        row('instantiations per route', median(runs.map(({ instantiations }) => instantiations)) / routes, '')
      )
    } finally {
      project.remove()
    }
  }
  rows.push({ bench: 'types', scenario: '10000 routes', subject: 'builders, positions included', metric: 'CPU', value: builders(), unit: 'ms' })
  return rows
}

/** Milliseconds of CPU for 10,000 calls of `route`, the best of some rounds: the first ones also pay for compilation. */
function builders (): number {
  const users = upstream('users', { targets: [] })
  const rounds = Array.from({ length: 10 }, () => {
    const before = process.cpuUsage()
    for (let n = 0; n < 10_000; n++) route(`GET /${n}/:id`, { to: users })
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  })
  return Math.min(...rounds)
}

function measure (folder: string): { readonly cold: number, readonly warm: number, readonly instantiations: number } {
  const script = fileURLToPath(new URL('type-check.js', import.meta.url))
  return JSON.parse(execFileSync(process.execPath, [script, folder], { encoding: 'utf8' })) as ReturnType<typeof measure>
}

/** Routes of six kinds, as they stand in real configs: a third has a rewrite, a third a policy. */
function configText (routes: number): string {
  const kinds = [
    (n: number) => `route('GET /service-${n}/users/:id', { to: users })`,
    (n: number) => `route('GET /service-${n}/users/:id/orders/:order', { to: users, rewrite: '/v2/${n}/{id}/orders/{order}', timeout: '5s' })`,
    (n: number) => `route('POST /service-${n}/users', { to: users, policies: [rateLimit({ limit: ${n + 1}, window: '1m', by: 'header:x-api-key' })] })`,
    (n: number) => `route('/service-${n}/files/:path*', { to: users, when: { headers: { 'x-beta': true } } })`,
    (n: number) => `route('GET|PUT /service-${n}/reports/:year(\\\\d{4})/:file.pdf', { to: users, rewrite: '/archive/${n}/{year}-{file}.pdf' })`,
    (n: number) => `route('DELETE /service-${n}/users/:id', { to: users, policies: [headers({ request: { set: { 'x-user': '{id}' } } })] })`
  ]
  return `import { defineGateway, http, route, upstream } from 'gwc'
import { headers, rateLimit } from 'gwc/policies'

const users = upstream('users', { targets: ['http://127.0.0.1:9001'] })

export default defineGateway({
  listeners: { public: http({ port: 8080 }) },
  routes: [
${Array.from({ length: routes }, (_, n) => `    ${kinds[n % kinds.length]?.(n)}`).join(',\n')}
  ]
})
`
}
