/** Replaces the text from `start` to `end` (offsets in UTF-16 units) of one file. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Applies edits that do not overlap, all offsets meaning the text as it is given. */
export function applyEdits (text: string, edits: readonly TextEdit[]): string {
  let result = text
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + replacement + result.slice(end)
  }
  return result
}

export function overlaps (a: TextEdit, b: TextEdit): boolean {
  return a.start < b.end && b.start < a.end
}
