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
      let low = 0
      let high = starts.length - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (starts[middle]! <= offset) low = middle
        else high = middle - 1
      }
      return { line: low + 1, column: offset - starts[low]! + 1 }
    },
    offset (line, column) {
      const start = starts[line - 1] ?? text.length
      return Math.min(start + column - 1, text.length)
    }
  }
}
