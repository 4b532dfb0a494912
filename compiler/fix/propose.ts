import { readFileSync } from 'node:fs'
import { Project } from 'ts-morph'
import type { Diagnostic, Fix } from '../../schema/diagnostic.ts'
import { compile, type Compilation, type Source } from '../compile.ts'
import { locator } from '../locate.ts'
import { differenceOf } from './neutral.ts'
import { locateEdit } from './locate-edit.ts'
import { applyEdits, overlaps, type TextEdit } from './text-edit.ts'

/** One file before and after. */
export interface FileChange {
  /** Absolute path. */
  readonly file: string
  readonly before: string
  readonly after: string
  /** What makes one from the other. */
  readonly edits: readonly TextEdit[]
}

export interface Proposal {
  /** Empty when nothing can be fixed, or when fixing would break the config. */
  readonly changes: readonly FileChange[]
  /** Fixes that were left out, a sentence each. */
  readonly refused: readonly string[]
  /** What the compiler says of the changed config. */
  readonly after: Compilation
}

/**
 * Collects all safe fixes as text edits, applies them to copies in memory and compiles those. Only a result without new errors is
 * proposed, and only where the plan between the two is empty; no file is written.
 */
export async function proposeFixes (compilation: Compilation, source: Source): Promise<Proposal> {
  const { edits, refused } = collect(compilation)
  const changes = [...edits].map(([file, { text, edits }]) => ({ file, before: text, after: applyEdits(text, edits), edits })).filter(({ before, after }) => before !== after)
  if (changes.length === 0) return { changes, refused, after: compilation }
  const after = await compile({ ...source, overlay: new Map(changes.map(({ file, after }) => [file, after])) }, 'emit')
  const broken = newErrors(compilation, after)
  // What was broken before has no requests to compare.
  const difference = compilation.bundle === undefined || after.bundle === undefined ? undefined : differenceOf(compilation.bundle, after.bundle)
  if (difference !== undefined) return { changes: [], refused: [...refused, `nothing was fixed: ${difference}`], after: compilation }
  if (broken.length === 0) return { changes, refused, after }
  return { changes: [], refused: [...refused, ...broken.map(({ code, message }) => `nothing was fixed, because it would lead to ${code}: ${message}`)], after: compilation }
}

interface FileEdits { readonly text: string, readonly edits: TextEdit[] }

function collect ({ diagnostics, root }: Compilation): { edits: ReadonlyMap<string, FileEdits>, refused: string[] } {
  const project = new Project({ useInMemoryFileSystem: true, compilerOptions: { allowJs: true }, skipFileDependencyResolution: true })
  const files = new Map<string, FileEdits>()
  const locate = locator(root)
  const refused: string[] = []
  for (const fix of diagnostics.flatMap(({ fix }) => fix?.applicability === 'safe' ? [fix] : [])) {
    const located = locateAll(fix)
    const clash = typeof located === 'string'
      ? located
      : located.some(({ file, edit }) => files.get(file)!.edits.some((other) => overlaps(edit, other))) ? 'it overlaps another fix; run gwc lint --fix again' : undefined
    if (clash !== undefined || typeof located === 'string') refused.push(`left out: ${fix.title}: ${clash}`)
    else for (const { file, edit } of located) files.get(file)!.edits.push(edit)
  }
  return { edits: files, refused }

  /** All edits of one fix, or why it cannot be applied: a fix is applied whole or not at all. */
  function locateAll (fix: Fix): { file: string, edit: TextEdit }[] | string {
    const located: { file: string, edit: TextEdit }[] = []
    for (const edit of fix.edits) {
      const range = locate(edit.place)
      if (range === undefined) return 'its source cannot be read'
      if (!files.has(range.file)) files.set(range.file, { text: readFileSync(range.file, 'utf8'), edits: [] })
      const tree = project.getSourceFile(range.file) ?? project.createSourceFile(range.file, files.get(range.file)!.text)
      const found = locateEdit(tree, edit, range.start, range.end)
      if (typeof found === 'string') return found
      located.push({ file: range.file, edit: found })
    }
    return located
  }
}

/**
 * Errors that the fixes brought about. A fix moves lines, so places do not count; and when it lets the compiler get further, what the later
 * passes find was there before, only hidden.
 */
function newErrors (before: Compilation, after: Compilation): readonly Diagnostic[] {
  if (Object.keys(after.timings).length > Object.keys(before.timings).length) return []
  const known = new Set(before.diagnostics.map(({ code, message }) => `${code}\n${message}`))
  return after.diagnostics.filter(({ severity, code, message }) => severity === 'error' && !known.has(`${code}\n${message}`))
}
