import { join, relative, sep } from 'node:path'
import { digest } from '../../schema/canonical.ts'
import type { Diagnostic, Place } from '../../schema/diagnostic.ts'
import type { Range } from '../locate.ts'

/** A range as it is shown: its file is relative to where the command runs, with `/`. */
export type Span = Range

/** A diagnostic with its places found in the user's files: all that the renderers need. */
export interface Finding {
  readonly diagnostic: Diagnostic
  readonly span?: Span
  readonly related: readonly { readonly message: string, readonly span?: Span }[]
  /** Says that two findings of two runs are the same one. Made of code and stable ids, so that moved lines do not change it. */
  readonly fingerprint: string
}

/** Finds the exact text of a place; its file is an absolute path. */
export type Locate = (place: Place) => Range | undefined

/** Finds the places of diagnostics, and sorts them by place, so that a reader goes through each file once. `root` is the folder of origins, `base` that of file names shown. */
export function findings (diagnostics: readonly Diagnostic[], root: string, base: string, locate: Locate): Finding[] {
  const shown = (file: string): string => relative(base, file).split(sep).join('/')
  const find = (place: Place | undefined): { span?: Span } => {
    if (place === undefined) return {}
    const range = locate(place) ?? unlocated(root, place)
    return { span: { ...range, file: shown(range.file) } }
  }
  const seen = new Map<string, number>()
  return diagnostics
    .map((diagnostic) => ({
      diagnostic,
      ...find(diagnostic.place),
      related: (diagnostic.related ?? []).map(({ message, place }) => ({ message, ...find(place) })),
      fingerprint: fingerprint(diagnostic, seen)
    }))
    .sort(byPlace)
}

/** The origin alone, when the file cannot be read (any more). */
function unlocated (root: string, { origin: { file, line, column } }: Place): Range {
  return { file: join(root, file), line, column, endLine: line, endColumn: column, start: 0, end: 0 }
}

function fingerprint (diagnostic: Diagnostic, seen: Map<string, number>): string {
  const { code, place, message, subject = `${place?.origin.file}\n${place?.pointer?.join('/')}\n${message}` } = diagnostic
  const key = `${code}\n${subject}`
  const count = seen.get(key) ?? 0
  seen.set(key, count + 1)
  return digest(count === 0 ? key : `${key}\n${count}`)
}

/** Those without a place first, then file by file from the top. */
export function byPlace (a: Finding, b: Finding): number {
  if (a.span === undefined || b.span === undefined) return Number(b.span === undefined) - Number(a.span === undefined)
  if (a.span.file !== b.span.file) return a.span.file < b.span.file ? -1 : 1
  return a.span.line - b.span.line || a.span.column - b.span.column || (a.diagnostic.code < b.diagnostic.code ? -1 : Number(a.diagnostic.code > b.diagnostic.code))
}
