import { invariant } from '../invariant.ts'
import { normalizePath } from '../normalize.ts'
import { determinise, isTooLarge, type Dfa } from '../regex/dfa.ts'
import { isRegexError, parseRegex } from '../regex/parse.ts'
import { printable, type Goal } from '../regex/shortest.ts'
import type { FieldKind } from '../resolved.ts'

/*
 * Which texts can occur in a request at all. A claim such as "no request reaches this route" is exact only if it counts no others.
 */

/** Characters that stand for themselves in a normalised path segment, and the percent sign. */
export const segmentCharacters: readonly string[] = printable.filter((char) => char === '%' || (char !== '/' && char !== '?' && isNormal(char)))

/** One segment of a normalised path, not empty. */
export const normalSegment: Goal = goalOf(
  `(?:[${segmentCharacters.filter((char) => char !== '%').map((char) => `\\u{${char.charCodeAt(0).toString(16)}}`).join('')}]|${normalEscapes()})+`,
  '\\.\\.?(?:(?:;|%3B)[^]*)?'
)

const values: Readonly<Record<FieldKind, Goal>> = {
  // RFC 9110 §5.5: no control characters, no space at either end.
  header: goalOf('(?:[!-~\\u0080-\\u00ff](?:[\\t -~\\u0080-\\u00ff]*[!-~\\u0080-\\u00ff])?)?', '[]'),
  cookie: goalOf('(?:[!-:<-~\\u0080-\\u00ff](?:[\\t -:<-~\\u0080-\\u00ff]*[!-:<-~\\u0080-\\u00ff])?)?', '[]'),
  query: goalOf('[^]*', '[]')
}

/** Values that a field of this kind can have. */
export function fieldValues (kind: FieldKind): Goal {
  return values[kind]
}

/** Texts that match the first expression and not the second. */
function goalOf (inside: string, outside: string): Goal {
  const dfa = dfaOf([inside, outside])
  return { dfa, accepts: (acceptClass) => dfa.accepts[acceptClass]!.join() === '0' }
}

function dfaOf (sources: readonly string[]): Dfa {
  const dfa = determinise(sources.map((source) => {
    const expression = parseRegex(source)
    invariant(!isRegexError(expression), `${source} is a regular expression`)
    return expression
  }))
  invariant(!isTooLarge(dfa), 'the languages of requests are small')
  return dfa
}

function isNormal (text: string): boolean {
  return normalizePath(`/x${text}`) === `/x${text}`
}

/** The percent-encodings that normalisation leaves as they are. */
function normalEscapes (): string {
  const escapes = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
  return `(?:${escapes.filter(isNormal).join('|')})`
}
