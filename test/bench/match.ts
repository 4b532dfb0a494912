import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { peers } from './match/routers.ts'
import type { BenchRow } from './row.ts'
import { table } from './table.ts'

/** A peer that has not built its routes by then is left out, and the table says so. */
const patience = 60_000

/** Nanoseconds per match against other routers, by number of routes, each size in a process of its own. */
export async function benchMatch ({ quick = false }: { readonly quick?: boolean }): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const size of quick ? ['100', 'github', '10000'] : ['10', '100', 'github', '1000', '10000', '100000']) {
    const able: string[] = []
    for (const { name } of peers) {
      const built = await oneSize([size, '0', name, '--build'], patience)
      if (built.ok) able.push(name)
      else rows.push({ bench: 'match', scenario: size === 'github' ? 'GitHub API' : `${Number(size).toLocaleString('en')} routes`, subject: `${name} (left out: ${built.reason})`, metric: 'build ms', value: built.ms, unit: 'ms' })
    }
    const measured = await oneSize([size, quick ? '9' : '31', able.join()], 20 * patience)
    if (!measured.ok) throw new Error(`${size} routes: ${measured.reason}`)
    rows.push(...JSON.parse(measured.output) as BenchRow[])
  }
  return rows
}

type Outcome = { readonly ok: true, readonly output: string } | { readonly ok: false, readonly reason: string, readonly ms: number }

function oneSize (args: readonly string[], timeout: number): Promise<Outcome> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--max-old-space-size=4096', fileURLToPath(new URL('./match/one-size.js', import.meta.url)), ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout, killSignal: 'SIGKILL' })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { errors += text })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const ms = performance.now() - started
      if (code === 0) resolve({ ok: true, output })
      else resolve({ ok: false, ms, reason: signal === 'SIGKILL' && ms >= timeout ? `no build in ${timeout / 1000} s` : (/^\w*Error:? ?.*$/m.exec(errors)?.[0] ?? `exit ${String(code ?? signal)}`).slice(0, 80) })
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${table(await benchMatch({ quick: process.argv.includes('--quick') }))}\n`)
