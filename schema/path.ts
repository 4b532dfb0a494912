import { scanSegment, PathRefusal } from './path-segment.ts'

/**
 * One segment of a path pattern. A constrained segment is literal text around one parameter, with or without a regular expression:
 * `:id(\\d+)`, `v:major`, `:file.json`. Literal text is in the normal form of `normalizePath`.
 */
export type PathSegment =
  | { readonly kind: 'static', readonly text: string }
  | { readonly kind: 'constrained', readonly name: string, readonly prefix: string, readonly suffix: string, readonly regex: string | null }
  | { readonly kind: 'param', readonly name: string }
  /** Last segment only: the rest of the path, slashes included, possibly empty. Unnamed: `*`. */
  | { readonly kind: 'rest', readonly name: string }

export interface PathPattern {
  /** As the user wrote it, group prefixes included. */
  readonly source: string
  readonly segments: readonly PathSegment[]
}

/** Why a text is no path pattern. */
export interface PathError {
  readonly message: string
  /** Offset into the text. */
  readonly at: number
  /** The whole pattern as it was probably meant. */
  readonly suggestion?: string
}

export function isPathError (parsed: PathPattern | PathError): parsed is PathError {
  return 'message' in parsed
}

/**
 * Parses a path pattern: `/users/:id`, `/v:major/items/:item(\\d+)`, `/files/:path*`, `/static/*`. A parameter takes one segment, which is never
 * empty; literal text may stand around it. `:name*` and `*` take the rest of the path, which may be empty (`/static/*` takes `/static/` but not
 * `/static`). A backslash makes the next of `: * ( ) { }` literal.
 *
 * `checked` is for those who parse many patterns: regular expressions that are in it are not checked again.
 */
export function parsePath (source: string, checked = new Set<string>()): PathPattern | PathError {
  const parsed = scan(source, checked)
  if (!isPathError(parsed)) return parsed
  const { suggestion, ...error } = parsed
  // A suggestion that is wrong itself helps nobody.
  return suggestion === undefined || isPathError(scan(suggestion, checked)) ? error : parsed
}

const maxLength = 8192
const maxSegments = 256

function scan (source: string, checked: Set<string>): PathPattern | PathError {
  if (!source.startsWith('/')) return { message: 'a path begins with /', at: 0, suggestion: `/${source}` }
  if (source.length > maxLength) return { message: `a path pattern has at most ${maxLength} characters`, at: maxLength }
  const segments: PathSegment[] = []
  const names = new Set<string>()
  try {
    for (let at = 0; at < source.length;) {
      if (segments.length === maxSegments) throw new PathRefusal(`a path pattern has at most ${maxSegments} segments`, at)
      const { segment, end } = scanSegment(source, at + 1, checked)
      if ('name' in segment && segment.name !== '*') {
        if (names.has(segment.name)) throw new PathRefusal(`the parameter :${segment.name} occurs twice`, source.lastIndexOf(`:${segment.name}`, end))
        names.add(segment.name)
      }
      segments.push(segment)
      at = end
    }
  } catch (error) {
    if (error instanceof PathRefusal) return { message: error.message, at: error.at, ...(error.suggestion === undefined ? {} : { suggestion: error.suggestion }) }
    throw error
  }
  return { source, segments }
}

/** Writes a pattern in its normal form; `parsePath` reads the same segments back. */
export function printPath (pattern: PathPattern): string {
  return pattern.segments.map((segment) => `/${printSegment(segment)}`).join('')
}

function printSegment (segment: PathSegment): string {
  switch (segment.kind) {
    case 'static': return printText(segment.text)
    case 'param': return `:${segment.name}`
    case 'rest': return segment.name === '*' ? '*' : `:${segment.name}*`
    case 'constrained': {
      // Without its own expression the name would run on into the text that follows.
      const runsOn = segment.regex === null && /^\w/.test(segment.suffix)
      return `${printText(segment.prefix)}:${segment.name}${segment.regex !== null ? `(${segment.regex})` : runsOn ? '(.+)' : ''}${printText(segment.suffix)}`
    }
  }
}

function printText (text: string): string {
  return text.replace(/[:*()]/g, '\\$&')
}

/** Names of the parameters from left to right; that of an unnamed rest is `*`. */
export function pathParams (pattern: PathPattern): readonly string[] {
  return pattern.segments.flatMap((segment) => (segment.kind === 'static' ? [] : [segment.name]))
}

const ranks = { static: 0, constrained: 1, param: 2, rest: 3 } as const

/**
 * Orders patterns by how specific they are: below 0 means that `a` is more specific. The first segment from the left in which they differ in kind
 * decides: static, constrained, parameter, rest. Zero: neither is. Where one is longer than the other no path matches both; the longer goes first.
 */
export function comparePaths (a: PathPattern, b: PathPattern): number {
  const shared = Math.min(a.segments.length, b.segments.length)
  for (let i = 0; i < shared; i++) {
    const difference = ranks[a.segments[i]!.kind] - ranks[b.segments[i]!.kind]
    if (difference !== 0) return difference
  }
  return b.segments.length - a.segments.length
}
