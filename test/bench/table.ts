import type { BenchRow } from './row.ts'

const round = (value: number) => value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)

/** Rows as text: one line per scenario and subject, one column per metric. */
export function table (rows: readonly BenchRow[]): string {
  const metrics = [...new Set(rows.map(({ metric, unit }) => unit === '' ? metric : `${metric} [${unit}]`))]
  const lines = new Map<string, string[]>()
  for (const { scenario, subject, metric, unit, value } of rows) {
    const key = `${scenario}\0${subject}`
    const line = lines.get(key) ?? [scenario, subject, ...metrics.map(() => '')]
    line[2 + metrics.indexOf(unit === '' ? metric : `${metric} [${unit}]`)] = round(value)
    lines.set(key, line)
  }
  const cells = [['scenario', 'subject', ...metrics], ...lines.values()]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  return cells.map((line) => line.map((cell, column) => column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)).join('  ').trimEnd()).join('\n')
}
