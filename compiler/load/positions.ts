import { SourceMap } from 'node:module'
import type { SourceMapPayload } from 'node:module'
import { relative } from 'node:path'
import type { Origin } from '../../schema/origin.ts'
import type { BundledConfig } from './bundle-config.ts'
import type { RawPosition } from './evaluation.ts'

/** Maps positions of the evaluated script to the user's files. Undefined where the script has code of no file. */
export function sourcePositions (root: string, { code, map }: BundledConfig): (at: RawPosition) => Origin | undefined {
  const mapping = new SourceMap(map as unknown as SourceMapPayload)
  const generated = code.split('\n')
  const sources = new Map<string, { readonly file: string, readonly lines: readonly string[] }>()
  const sourceOf = (path: string) => {
    let source = sources.get(path)
    if (source === undefined) {
      const text = map.sourcesContent[map.sources.indexOf(path)] ?? ''
      sources.set(path, source = { file: originFile(root, path), lines: text.split(/\r\n|\n|\r/) })
    }
    return source
  }
  return ({ line, column }) => {
    const entry = mapping.findEntry(line - 1, column - 1)
    if (!('originalSource' in entry) || entry.originalSource === undefined) return undefined
    const { file, lines } = sourceOf(entry.originalSource)
    // Maps have no entry for every token. Where the text up to the position is the user's own, the position moves along.
    const beyond = entry.generatedLine === line - 1 ? column - 1 - entry.generatedColumn : 0
    const own = lines[entry.originalLine]?.slice(entry.originalColumn, entry.originalColumn + beyond + 1)
    const moved = own === generated[line - 1]?.slice(entry.generatedColumn, column) ? beyond : 0
    return { file, line: entry.originalLine + 1, column: entry.originalColumn + moved + 1 }
  }
}

/** An absolute path as it stands in origins: relative to the config's folder, with `/`. */
export function originFile (root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/')
}
