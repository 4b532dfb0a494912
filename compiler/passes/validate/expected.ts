import { printDuration } from '../../../schema/duration.ts'

/** What strings of a pattern look like, in words. Patterns come from `schema/options`. */
const patterns = new Map([
  ['^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$', "a duration such as '250ms', '1.5s', '10m' or '1h'"],
  ['^[0-9]+(\\.[0-9]+)?(B|KiB|MiB|GiB)$', "a size such as '512B', '60KiB' or '10MiB'"],
  ['^[a-z][a-z0-9-]{0,62}$', 'a name of lower-case letters, digits and dashes that begins with a letter'],
  ['^[a-z0-9][a-z0-9-]{0,62}$', 'a name of lower-case letters, digits and dashes'],
  ['^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$', 'a name of letters, digits, dots, dashes and _'],
  ['^[A-Z][A-Z0-9_]*$', 'a name of capital letters, digits and _'],
  ['^/', 'a path that begins with /']
])

/** What a string must be to match a pattern of a schema. */
export function expectedByPattern (pattern: string): string {
  return patterns.get(pattern) ?? `text that matches ${pattern}`
}

/** How a value that should match the pattern was probably meant. */
export function repaired (pattern: string, value: unknown): string | undefined {
  const what = patterns.get(pattern)
  if (pattern === '^/') return typeof value === 'string' && /^[\w:*]/.test(value) ? `/${value}` : undefined
  if (what?.startsWith('a duration') === true) return repairedDuration(value)
  if (what?.startsWith('a size') === true) return repairedSize(value)
  return undefined
}

/** How people write units of time, by the unit that is meant. */
const spellings: readonly (readonly [unit: string, spelling: RegExp])[] = [
  ['ms', /^(ms|millis|milliseconds?|msecs?)$/i],
  ['s', /^(s|secs?|seconds?)$/i],
  ['m', /^(m|mins?|minutes?)$/i],
  ['h', /^(h|hrs?|hours?)$/i],
  ['d', /^(d|days?)$/i]
]

function repairedDuration (value: unknown): string | undefined {
  const [, amount, word] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\.?\s*$/i.exec(String(value)) ?? []
  const unit = spellings.find(([, spelling]) => spelling.test(word ?? ''))?.[0]
  if (unit !== undefined) return `${amount}${unit}`
  // A bare number is nearly always milliseconds, but that is a guess and so it is only offered.
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? printDuration(value) : undefined
}

function repairedSize (value: unknown): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)(i?)b?(?:ytes?)?\s*$/i.exec(String(value))
  if (match === null || typeof value === 'number') return undefined
  return match[2] === '' ? `${match[1]}B` : `${match[1]}${match[2]!.toUpperCase()}iB`
}
