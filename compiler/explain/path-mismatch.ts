import type { PathPattern, PathSegment } from '../../schema/path.ts'
import { closest } from '../passes/closest.ts'

/** How a path and a pattern differ. */
export interface PathMismatch {
  /** At the first segment that differs. */
  readonly reason: string
  /** Share of segments that differ, up to 1. One that looks like a slip of the keyboard counts half. */
  readonly distance: number
}

/** Whether a part of a path fits a constrained segment. */
export type FitsSegment = (segment: PathSegment, part: string) => boolean

/** Why a path does not fit a pattern; undefined when it does. */
export function pathMismatch ({ segments }: PathPattern, path: string, fits: FitsSegment): PathMismatch | undefined {
  if (path === '*') return { reason: 'the target * names no path', distance: 1 }
  const parts = path.slice(1).split('/')
  let first: string | undefined
  let differing = 0
  for (let at = 0; at < Math.max(parts.length, segments.length); at++) {
    const [segment, part] = [segments[at], parts[at]]
    if (segment?.kind === 'rest' && part !== undefined) break
    const reason = segment === undefined || part === undefined ? lengthReason(segments, parts) : segmentReason(segment, part, at, fits)
    if (reason === undefined) continue
    first ??= reason
    differing += isSlip(segment, part) ? 0.5 : 1
  }
  return first === undefined ? undefined : { reason: first, distance: differing / Math.max(parts.length, segments.length) }
}

function lengthReason (segments: readonly PathSegment[], parts: readonly string[]): string {
  if (parts.length === segments.length + 1 && parts.at(-1) === '') return 'the path ends with /, the route does not'
  return `the path has ${parts.length} segment${parts.length === 1 ? '' : 's'}, the route ${segments.at(-1)?.kind === 'rest' ? 'at least ' : ''}${segments.length}`
}

function segmentReason (segment: PathSegment, part: string, at: number, fits: FitsSegment): string | undefined {
  switch (segment.kind) {
    case 'rest': return undefined
    case 'static':
      if (segment.text === part) return undefined
      return segment.text === '' ? 'the route ends with /, the path does not' : `segment ${at + 1} is '${part}', the route wants '${segment.text}'`
    case 'param': return part === '' ? `segment ${at + 1} is empty, the route wants a value for :${segment.name}` : undefined
    case 'constrained': return fits(segment, part) ? undefined : `segment ${at + 1} '${part}' does not fit :${segment.name}${segment.regex === null ? '' : `(${segment.regex})`}`
  }
}

function isSlip (segment: PathSegment | undefined, part: string | undefined): boolean {
  if (segment === undefined) return part === ''
  return segment.kind === 'static' && part !== undefined && closest(part, [segment.text]) !== undefined
}
