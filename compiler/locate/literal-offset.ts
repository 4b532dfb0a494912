import type { Span } from '../locate.ts'

/**
 * Where the character at an offset of a string's value stands in its literal, whose quotes are at `start` and before `end`. At the end of the
 * value it is the closing quote.
 */
export function literalOffset (text: string, { start, end }: Span, offset: number): Span {
  let at = start + 1
  for (let passed = 0; passed < offset && at < end - 1;) {
    const length = escapeLength(text, at)
    // Code points above U+FFFF, written as one escape, are two units of the value.
    passed += /^\\u\{[0-9a-f]{5,}\}$/i.test(text.slice(at, at + length)) ? 2 : isContinuation(text, at) ? 0 : 1
    at += length
  }
  return { start: at, end: at + (at < end - 1 ? escapeLength(text, at) : 1) }
}

function escapeLength (text: string, at: number): number {
  if (text[at] !== '\\') return 1
  const escape = /\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|[^])/y
  escape.lastIndex = at
  return escape.exec(text)?.[0].length ?? 1
}

/** A backslash at the end of a line stands for nothing. */
function isContinuation (text: string, at: number): boolean {
  return text[at] === '\\' && /[\r\n\u2028\u2029]/.test(text[at + 1] ?? '')
}
