import type { CatalogueEntry } from '../problems.ts'
import { style } from './style.ts'

/** The documentation of one code, for people at a terminal. */
export function problemText ({ code, severity, summary, docs, fixable }: CatalogueEntry, color: boolean): string {
  const { of, strong, faint, accent } = style(color)
  const text = docs.split(/\n{2,}/).map((paragraph) => wrapped(paragraph)).join('\n\n').replace(/`([^`]+)`/g, (_, quoted: string) => accent(quoted))
  const fix = fixable === true ? `\n${faint('gwc lint --fix mends it where that is safe.')}\n` : ''
  return `${of[severity](severity)} ${strong(code)}\n${summary}\n\n${text}\n${fix}`
}

const width = 88

/** A paragraph in lines of a width that is good to read. */
function wrapped (paragraph: string): string {
  const lines: string[] = []
  for (const word of paragraph.trim().split(/\s+/)) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + word.length < width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}
