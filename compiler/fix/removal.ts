import type { TextEdit } from './text-edit.ts'

/** Removes a statement with the comment right above it and its line ends. */
export function removeStatement (text: string, start: number, end: number): TextEdit {
  const from = commentAbove(text, start)
  const to = restOfLine(text, end)
  return from === lineStart(text, from) && to !== undefined ? withoutGap(text, from, to) : { start: from, end: to ?? end, text: '' }
}

/**
 * Removes one member of a list (elements, properties) with its comma. `before` is where the previous member ends, or undefined for the first;
 * `comma` is where the comma behind it ends, or undefined when there is none.
 */
export function removeMember (text: string, start: number, end: number, before: number | undefined, comma: number | undefined): TextEdit {
  if (comma === undefined) return { start: before ?? spaceBefore(text, start), end: before === undefined ? spaceAfter(text, end) : end, text: '' }
  const from = commentAbove(text, start)
  const to = restOfLine(text, comma)
  if (from === lineStart(text, from) && to !== undefined) return { start: from, end: to, text: '' }
  return { start, end: spaceAfter(text, comma), text: '' }
}

/** Where the line of an offset starts, if only space stands before the offset; the offset itself otherwise. */
function lineStart (text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return text.slice(start, offset).trim() === '' ? start : offset
}

/** Behind the line end, if only space or a comment follows on the line. */
function restOfLine (text: string, offset: number): number | undefined {
  const match = /^[ \t]*(?:\/\/[^\r\n]*)?(?:\r?\n|$)/.exec(text.slice(offset))
  return match === null ? undefined : offset + match[0].length
}

/** The start of the comment that stands right above, without an empty line between; a comment that opens the file is about the file. */
function commentAbove (text: string, start: number): number {
  let from = lineStart(text, start)
  if (from === start && start !== 0 && text[start - 1] !== '\n') return start
  for (;;) {
    const above = /(?:^|\n)([ \t]*(?:\/\/[^\r\n]*|\/\*(?:(?!\*\/)[^])*\*\/[ \t]*)\r?\n)$/.exec(text.slice(0, from))
    if (above === null) return from
    const next = from - above[1]!.length
    if (next === 0) return from
    from = next
  }
}

/** After a statement has gone, one empty line is enough where it stood between two. */
function withoutGap (text: string, start: number, end: number): TextEdit {
  const blankBefore = start === 0 || /\r?\n[ \t]*\r?\n$/.test(text.slice(0, start))
  const blankAfter = /^[ \t]*\r?\n/.exec(text.slice(end))
  return { start, end: blankBefore && blankAfter !== null ? end + blankAfter[0].length : end, text: '' }
}

function spaceBefore (text: string, offset: number): number {
  return offset - /\s*$/.exec(text.slice(0, offset))![0].length
}

function spaceAfter (text: string, offset: number): number {
  return offset + /^\s*/.exec(text.slice(offset))![0].length
}
