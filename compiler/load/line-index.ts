import { partitionPoint } from './partition-point.ts'

/** Turns offsets of a text into lines and columns (1-based, UTF-16 units) and back. */
export interface LineIndex {
  position (offset: number): { readonly line: number, readonly column: number }
  /** Clamped to the text. */
  offset (line: number, column: number): number
}

/** Indexes the lines of a text; lines end with LF, CR LF or CR. */
export function lineIndex (text: string): LineIndex {
  const starts = [0]
  for (const { 0: ending, index } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + ending.length)
  return {
    position (offset) {
      const line = Math.max(1, partitionPoint(starts.length, (at) => starts[at]! <= offset))
      return { line, column: offset - starts[line - 1]! + 1 }
    },
    offset (line, column) {
      const start = starts[line - 1] ?? text.length
      return Math.min(start + column - 1, text.length)
    }
  }
}
