import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { BenchRow } from './row.ts'
import { table } from './table.ts'

/*
 * `npm run bench -- match|types|compile|plan|proxy|reload|memory|balance … [--quick] [--json FILE]`: prints a table with ratios for each,
 * and writes the rows as a JSON list of {bench, scenario, subject, metric, value, unit}.
 */
type Bench = (options: { readonly quick: boolean }) => Promise<readonly BenchRow[]>

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  match: async () => (await import('./match.ts')).benchMatch,
  types: async () => (await import('./types.ts')).benchTypes,
  compile: async () => (await import('./compile.ts')).benchCompile,
  plan: async () => (await import('./plan.ts')).benchPlan,
  proxy: async () => (await import('./proxy.ts')).benchProxy,
  reload: async () => (await import('./reload.ts')).benchReload,
  memory: async () => (await import('./memory.ts')).benchMemory,
  balance: async () => (await import('./balance.ts')).benchBalance
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } })
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name))
if (positionals.length === 0 || unknown.length > 0) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--quick] [--json FILE]\n`)
  process.exitCode = 64
} else {
  const rows: BenchRow[] = []
  for (const name of positionals) {
    const bench = await benches[name]!()
    const added = await bench({ quick: values.quick })
    process.stdout.write(`\n# ${name}\n\n${table(added)}\n`)
    rows.push(...added)
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`)
}
