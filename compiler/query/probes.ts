import { milliseconds } from '../../schema/duration.ts'
import { parseHost, printHost } from '../../schema/host.ts'
import type { HostPattern } from '../../schema/host.ts'
import { isPathError, parsePath } from '../../schema/path.ts'
import type { PathPattern } from '../../schema/path.ts'
import type { RouteMatch } from '../../schema/resolved.ts'
import type { Expression } from './expression.ts'
import { partsOf } from './expression.ts'
import { fieldCombinations } from './field-combinations.ts'
import { QueryError } from './parse.ts'

type Test = Extract<Expression, { readonly kind: 'test' }>

/** What a query says of requests, as routes: walked together with those of the gateway, they split its classes where the query does. The conditions of the one that takes a request are all that is so of its fields. */
export interface Probes {
  readonly matches: readonly RouteMatch[]
  /** Indices into `matches` of which one takes a request exactly when this test on its path holds. */
  readonly ofPath: ReadonlyMap<Test, readonly number[]>
  readonly hosts: ReadonlyMap<Test, HostPattern>
  /** Milliseconds, or a count. */
  readonly numbers: ReadonlyMap<Test, number>
}

/** Throws `QueryError` for values that cannot be read. */
export function probesOf (expression: Expression, listeners: number): Probes {
  const tests = partsOf(expression, 'test')
  const combinations = fieldCombinations(partsOf(expression, 'field'))
  const hosts = new Map(tests.filter(({ field }) => field === 'host').map((test) => [test, hostOf(test)]))
  const methods = [...new Set(tests.filter(({ field }) => field === 'method').map(({ value }) => value.toUpperCase()))]
  const named = [...hosts].flatMap(([{ operator }, host]) => (operator === 'under' ? [host, { ...host, wildcard: true }] : [host]))
  const matches: RouteMatch[] = []
  const everywhere = Array.from({ length: listeners }, (_, index) => index)
  // A host that is named is final: every probe stands under each of them, and under all others.
  const places = named.length > 0 ? [named, []] : [[]]
  // Whichever path, with or without a method, goes first: it says the same of the fields.
  const add = (path: PathPattern, methods: readonly string[]): number[] => places.flatMap((hosts) =>
    combinations.map(({ conditions, priority }) => matches.push({ listeners: everywhere, hosts, methods, path, conditions, priority }) - 1))
  add(pathOf('/*', 0), [])
  if (methods.length > 0) add(pathOf('/*', 0), methods)
  const ofPath = new Map<Test, readonly number[]>()
  for (const test of tests) {
    if (test.field !== 'path') continue
    const patterns = test.operator === 'under' ? [test.value === '/' ? '/' : test.value.replace(/\/$/, ''), `${test.value.replace(/\/$/, '')}/*`] : [test.value]
    ofPath.set(test, patterns.flatMap((pattern) => add(pathOf(pattern, test.at), [])))
  }
  return { matches, ofPath, hosts, numbers: new Map(tests.filter(({ field }) => field === 'timeout' || field === 'retries').map((test) => [test, numberOf(test)])) }
}

/** Whether all hosts of a place (a printed pattern; empty: any other) are those of the test. */
export function isHost (place: string, wanted: HostPattern, under: boolean): boolean {
  const name = printHost(wanted)
  if (place === name) return true
  const suffix = wanted.wildcard ? name.slice(1) : `.${name}`
  return (wanted.wildcard || under) && place.endsWith(suffix)
}

function pathOf (source: string, at: number): PathPattern {
  const path = parsePath(source)
  if (isPathError(path)) throw new QueryError(path.message, at)
  return path
}

function hostOf ({ value, at, operator }: Test): HostPattern {
  const host = parseHost(value)
  if (typeof host === 'string') throw new QueryError(host, at)
  if (operator === 'under' && host.wildcard) throw new QueryError(`'host under' takes a host without '*': ${value.slice(2)}`, at)
  return host
}

function numberOf ({ field, value, at }: Test): number {
  const number = field === 'timeout' ? milliseconds(value) : /^\d+$/.test(value) ? Number(value) : NaN
  if (Number.isNaN(number)) throw new QueryError(field === 'timeout' ? `'${value}' is no duration: 500ms, 30s, 5m` : `'${value}' is no number`, at)
  return number
}
