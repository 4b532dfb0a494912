import { comparePaths, printPath, type PathPattern } from './path.ts'
import type { FieldKind, RouteMatch } from './resolved.ts'

/**
 * The total precedence of routes for one host; below 0 means that `a` wins where both match. In this order: the more specific path, a method given
 * before any, more header conditions, more query conditions, more cookie conditions, the higher priority. Zero is a tie. For `HEAD`, a
 * route that names it goes before one that takes it through `GET`.
 */
export function compareMatches (a: RouteMatch, b: RouteMatch): number {
  for (const criterion of criteria) {
    const difference = criterion.compare(a, b)
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether a route takes a method: it names it, or names none; `HEAD` is also taken through `GET`. */
export function takesMethod (match: RouteMatch, method: string): boolean {
  return methodRank(match, method) < 3
}

/** The order in which routes are tried for a request with this method, all else holding: that of `compareMatches`, with its rule for `HEAD`. */
export function compareForMethod (a: RouteMatch, b: RouteMatch, method: string): number {
  return comparePaths(a.path, b.path) || methodRank(a, method) - methodRank(b, method) || compareMatches(a, b)
}

function methodRank (match: RouteMatch, method: string): number {
  if (match.methods.includes(method)) return 0
  if (method === 'HEAD' && match.methods.includes('GET')) return 1
  return match.methods.length === 0 ? 2 : 3
}

/** One sentence that says why `a` goes before `b`, after it, or neither. */
export function explainOrder (a: RouteMatch, b: RouteMatch): string {
  for (const { compare, explain } of criteria) {
    const difference = compare(a, b)
    if (difference !== 0) return difference < 0 ? explain(a, b) : explain(b, a)
  }
  return `${printPath(a.path)} and ${printPath(b.path)} are equally specific and have the same priority`
}

interface Criterion {
  compare (a: RouteMatch, b: RouteMatch): number
  /** Why `a`, which goes first, does. */
  explain (a: RouteMatch, b: RouteMatch): string
}

const criteria: readonly Criterion[] = [
  { compare: (a, b) => comparePaths(a.path, b.path), explain: (a, b) => explainPaths(a.path, b.path) },
  {
    compare: (a, b) => Math.min(b.methods.length, 1) - Math.min(a.methods.length, 1),
    explain: (a) => `${a.methods.join('|')} ${printPath(a.path)} goes first because it names its method, the other takes any`
  },
  moreConditions('header', 'header conditions'),
  moreConditions('query', 'query conditions'),
  moreConditions('cookie', 'cookie conditions'),
  { compare: (a, b) => b.priority - a.priority, explain: (a, b) => `${printPath(a.path)} goes first because its priority ${a.priority} is higher than ${b.priority}` }
]

function moreConditions (kind: FieldKind, what: string): Criterion {
  const count = (match: RouteMatch): number => match.conditions.filter((condition) => condition.kind === kind).length
  return {
    compare: (a, b) => count(b) - count(a),
    explain: (a, b) => `${printPath(a.path)} goes first because it has more ${what}: ${count(a)} against ${count(b)}`
  }
}

const names = { static: 'a literal', constrained: 'a constrained parameter', param: 'a parameter', rest: 'the rest of the path' } as const

function explainPaths (a: PathPattern, b: PathPattern): string {
  const at = a.segments.findIndex((segment, i) => segment.kind !== b.segments[i]?.kind)
  const other = b.segments[at]
  if (other === undefined) return `${printPath(a)} and ${printPath(b)} share no path: one is longer`
  return `${printPath(a)} goes first because its segment ${at + 1} is ${names[a.segments[at]!.kind]}, which is more specific than ${names[other.kind]}`
}
