import type { CatalogueEntry } from '../problems.ts'
import { style } from './style.ts'

/** The documentation of one code, for people at a terminal. */
export function problemText ({ code, severity, summary, docs, fixable }: CatalogueEntry, color: boolean): string {
  const { of, strong, faint, accent } = style(color)
  const text = docs.replace(/`([^`]+)`/g, (_, quoted: string) => accent(quoted))
  const fix = fixable ? `\n${faint('gwc lint --fix mends it where that is safe.')}\n` : ''
  return `${of[severity](severity)} ${strong(code)}\n${summary}\n\n${text}\n${fix}`
}
