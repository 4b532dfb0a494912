import { buildAutomaton } from '../../schema/automaton/build.ts'
import { createMatcher } from '../../schema/automaton/match.ts'
import { invariant } from '../../schema/invariant.ts'
import { printPath, type PathPattern, type PathSegment } from '../../schema/path.ts'
import type { FieldCondition } from '../../schema/resolved.ts'
import { closest } from '../passes/closest.ts'

/** Where a path and a pattern part. */
export interface PathMismatch {
  /** Segments from the left that fit. */
  readonly fitting: number
  readonly reason: string
  /** The segment that does not fit looks like a slip of the keyboard. */
  readonly misspelt: boolean
}

/** Why a path does not fit a pattern; undefined when it does. Constrained segments are asked of the automaton, so this cannot judge otherwise than the matcher. */
export function pathMismatch (pattern: PathPattern, path: string): PathMismatch | undefined {
  const parts = path.slice(1).split('/')
  for (const [at, segment] of pattern.segments.entries()) {
    const part = parts[at]
    if (part === undefined) return { fitting: at, misspelt: false, reason: `the path has ${count(parts.length)}, the route ${segment.kind === 'rest' ? `at least ${pattern.segments.length}` : pattern.segments.length}` }
    if (segment.kind === 'rest') return undefined
    const reason = segmentMismatch(segment, part, at)
    if (reason !== undefined) return { fitting: at, reason, misspelt: segment.kind === 'static' && closest(part, [segment.text]) !== undefined }
  }
  if (parts.length === pattern.segments.length) return undefined
  const slash = parts.length === pattern.segments.length + 1 && parts.at(-1) === ''
  return { fitting: pattern.segments.length, misspelt: slash, reason: slash ? 'the path ends with /, the route does not' : `the path has ${count(parts.length)}, the route ${pattern.segments.length}` }
}

function count (segments: number): string {
  return `${segments} segment${segments === 1 ? '' : 's'}`
}

function segmentMismatch (segment: PathSegment, part: string, at: number): string | undefined {
  switch (segment.kind) {
    case 'rest': return undefined
    case 'static': {
      if (segment.text === part) return undefined
      if (segment.text === '') return 'the route ends with /, the path does not'
      return `segment ${at + 1} is '${part}', the route wants '${segment.text}'`
    }
    case 'param': return part === '' ? `segment ${at + 1} is empty, the route wants a value for :${segment.name}` : undefined
    case 'constrained': {
      const pattern = printPath({ source: '', segments: [segment] }).slice(1)
      return fitsAlone({ source: `/${pattern}`, segments: [segment] }, [], `/${part}`) ? undefined : `segment ${at + 1} '${part}' does not fit ${pattern}`
    }
  }
}

/** Whether the value of a field fulfils a condition. */
export function holds (condition: FieldCondition, value: string | undefined): boolean {
  const { test } = condition
  switch (test.op) {
    case 'present': return value !== undefined
    case 'absent': return value === undefined
    case 'equals': return value === test.value
    case 'regex': return value !== undefined && fitsAlone({ source: '/', segments: [{ kind: 'static', text: '' }] }, [condition], '/', value)
  }
}

/** Asks an automaton of this one pattern or condition: there is one engine for regular expressions, and no second one to drift from it. */
function fitsAlone (path: PathPattern, conditions: readonly FieldCondition[], text: string, value?: string): boolean {
  const built = buildAutomaton([{ listeners: [0], hosts: [], methods: [], path, conditions, priority: 0 }], 1)
  invariant(built.overflow === undefined, 'a pattern that is part of an automaton has none of its own')
  const field = (): string | undefined => value
  return createMatcher(built.automaton).matchString(0, '', 'GET', text, { header: field, query: field, cookie: field }) === 0
}
