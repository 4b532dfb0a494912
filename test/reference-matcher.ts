import type { Fields } from '../schema/exchange.ts'
import type { PathSegment } from '../schema/path.ts'
import type { FieldCondition, RouteMatch } from '../schema/resolved.ts'

/** A request as the reference sees it. */
export interface ReferenceRequest { readonly listener: number, readonly host: string, readonly method: string, readonly path: string, readonly fields: Fields }

/**
 * What DESIGN says about matching, written down a second time and as plainly as it goes: filter, sort, take the first. It shares no code with the automaton,
 * which is held against it.
 */
export function referenceMatch (routes: readonly RouteMatch[], request: ReferenceRequest): number {
  const matching = atHost(routes, request).filter((route) => matchesPath(routes[route]!, request.path) && routes[route]!.conditions.every((condition) => holds(condition, request.fields)))
  const allowed = matching.filter((route) => methodRank(routes[route]!, request.method) < 9)
  if (allowed.length === 0) return matching.length === 0 ? -1 : -2
  return allowed.sort((a, b) => compareKeys(precedence(routes[a]!, request.method), precedence(routes[b]!, request.method)) || a - b)[0]!
}

/** All routes that match, whatever their precedence. */
export function referenceMatches (routes: readonly RouteMatch[], request: ReferenceRequest): readonly number[] {
  return atHost(routes, request).filter((route) => matchesPath(routes[route]!, request.path) && methodRank(routes[route]!, request.method) < 9 && routes[route]!.conditions.every((condition) => holds(condition, request.fields)))
}

/** Smaller goes first, number by number. */
export function precedence (route: RouteMatch, method: string): readonly number[] {
  const kinds = route.path.segments.map((segment) => ['static', 'constrained', 'param', 'rest'].indexOf(segment.kind))
  const count = (kind: string): number => route.conditions.filter((condition) => condition.kind === kind).length
  return [...kinds, 4, methodRank(route, method), -count('header'), -count('query'), -count('cookie'), -route.priority]
}

export function compareKeys (a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i])
  return at < 0 ? 0 : a[at]! - b[at]!
}

function atHost (routes: readonly RouteMatch[], { listener, host }: ReferenceRequest): number[] {
  const here = [...routes.keys()].filter((route) => routes[route]!.listeners.includes(listener))
  const hosts = here.flatMap((route) => routes[route]!.hosts)
  const suits = hosts.filter(({ wildcard, name }) => (wildcard ? host.length > name.length + 1 && host.endsWith(`.${name}`) : host === name))
  const best = suits.sort((a, b) => Number(a.wildcard) - Number(b.wildcard) || b.name.length - a.name.length)[0]
  return here.filter((route) => (best === undefined ? routes[route]!.hosts.length === 0 : routes[route]!.hosts.some(({ wildcard, name }) => wildcard === best.wildcard && name === best.name)))
}

export function matchesPath (route: Pick<RouteMatch, 'path'>, path: string): boolean {
  const { segments } = route.path
  const texts = path.split('/')
  const last = segments.at(-1)!
  if (texts.shift() !== '' || (last.kind === 'rest' ? texts.length < segments.length : texts.length !== segments.length)) return false
  return segments.every((segment, i) => matchesSegment(segment, texts[i]!))
}

function matchesSegment (segment: PathSegment, text: string): boolean {
  switch (segment.kind) {
    case 'static': return text === segment.text
    case 'param': return text !== ''
    case 'rest': return true
    case 'constrained': return text !== '' && text.length >= segment.prefix.length + segment.suffix.length && text.startsWith(segment.prefix) && text.endsWith(segment.suffix) &&
      new RegExp(`^(?:${segment.regex ?? '.+'})$`, 'u').test(text.slice(segment.prefix.length, text.length - segment.suffix.length))
  }
}

function holds ({ kind, name, test }: FieldCondition, fields: Fields): boolean {
  const value = fields[kind](name)
  switch (test.op) {
    case 'absent': return value === undefined
    case 'present': return value !== undefined
    case 'equals': return value === test.value
    case 'regex': return value !== undefined && new RegExp(`^(?:${test.source})$`, 'u').test(value)
  }
}

function methodRank ({ methods }: RouteMatch, method: string): number {
  if (methods.includes(method)) return 0
  if (method === 'HEAD' && methods.includes('GET')) return 1
  return methods.length === 0 ? 2 : 9
}
