import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Place } from '../schema/diagnostic.ts'
import { lineIndex } from './load/line-index.ts'
import type { LineIndex } from './load/line-index.ts'
import { locateInJson } from './locate/json-place.ts'
import { locateInProgram } from './locate/program-place.ts'

/** A range of a source file: lines and columns 1-based, offsets 0-based, all in UTF-16 units. */
export interface Range {
  /** Absolute path. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  readonly start: number
  readonly end: number
}

/** Offsets into a text; `end` is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Finds the exact text of places, in the syntax tree of their files as they are when first asked for: the value that the pointer leads to,
 * or what of it can be found (a value that a program computes is nowhere in its text), at last the name of the builder that was called.
 * Undefined when the file cannot be read.
 */
export function locator (root: string): (place: Place) => Range | undefined {
  const sources = new Map<string, Source | undefined>()
  return (place) => {
    const file = resolve(root, place.origin.file)
    if (!sources.has(file)) sources.set(file, sourceOf(file))
    const source = sources.get(file)
    if (source === undefined) return undefined
    const { text, lines } = source
    const offset = lines.offset(place.origin.line, place.origin.column)
    const { start, end } = file.endsWith('.json') ? locateInJson(text, offset, place) : locateInProgram(file, text, offset, place)
    const [from, to] = [lines.position(start), lines.position(end)]
    return { file, line: from.line, column: from.column, endLine: to.line, endColumn: to.column, start, end }
  }
}

interface Source {
  readonly text: string
  readonly lines: LineIndex
}

function sourceOf (file: string): Source | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    return { text, lines: lineIndex(text) }
  } catch {
    // It is gone; what was said about it is told without its text.
    return undefined
  }
}
