import { textWidth } from './text-width.ts'

/** Columns as wide as their widest cell, two spaces between; the last is not padded. Columns without any content are left out. */
export function tableText (header: readonly string[], rows: readonly (readonly string[])[], paintHeader: (text: string) => string): string {
  const columns = header.flatMap((_, index) => rows.some((row) => row[index] !== '') ? [index] : [])
  const widths = columns.map((index) => Math.max(...[header, ...rows].map((row) => textWidth(row[index] ?? ''))))
  const line = (row: readonly string[]): string => columns.map((index, at) => pad(row[index] ?? '', at === columns.length - 1 ? 0 : widths[at]!)).join('  ').trimEnd()
  return [paintHeader(line(header)), ...rows.map(line)].map((text) => `${text}\n`).join('')
}

function pad (text: string, width: number): string {
  return text + ' '.repeat(Math.max(width - textWidth(text), 0))
}
