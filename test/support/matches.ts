import fc from 'fast-check'
import type { Fields } from '../../schema/exchange.ts'
import { parseHost, type HostPattern } from '../../schema/host.ts'
import { isPathError, parsePath } from '../../schema/path.ts'
import type { FieldCondition, FieldKind, RouteMatch } from '../../schema/resolved.ts'
import type { ReferenceRequest } from '../reference-matcher.ts'

/* Alphabets are tiny, so that patterns and requests meet in every way there is. */

export const listeners = 2
export const segmentTexts = ['a', 'b', 'ab', 'aa', '1', '12', 'a.b', '%2A']
const segmentPatterns = [
  ...segmentTexts, 'a', 'b', ':p', ':p', ':p(a|b)', ':p(\\d+)', ':p([ab]{1,2})', ':p(a*)b', 'a:p', ':p.b', 'a:p(.*)', ':p([^a]+)', ':p(a+|1+)'
]
export const values = ['', 'a', 'b', 'ab', 'é', '😀', 'a b']
const sources = ['a|b', 'a.*', '.*', '[^a]+', '\\w+', '(?:a|😀)+', '[à-ü]']
export const fieldNames: readonly (readonly [FieldKind, string])[] = [['header', 'x'], ['header', 'y'], ['query', 'q'], ['query', 'r'], ['cookie', 'c']]
export const hostNames = ['a.com', 'b.a.com', '*.a.com', '*.b.a.com', '*.com']

const pathArb = fc.tuple(fc.array(fc.constantFrom(...segmentPatterns), { maxLength: 3 }), fc.constantFrom('', '', '/', '/*', '/:rest*')).map(([segments, end]) => {
  const named = segments.map((segment, i) => `/${segment.replace(':p', `:p${i}`).replace(/(:p\d)(?=[\w])/, '$1')}`).join('')
  const source = named + end
  const parsed = parsePath(source === '' ? '/' : source)
  if (isPathError(parsed)) throw new Error(`${source}: ${parsed.message}`)
  return parsed
})

const testArb: fc.Arbitrary<FieldCondition['test']> = fc.oneof(
  fc.constantFrom(...values).map((value) => ({ op: 'equals', value }) as const),
  fc.constantFrom(...sources).map((source) => ({ op: 'regex', source }) as const),
  fc.constantFrom({ op: 'present' } as const, { op: 'absent' } as const)
)

const conditionsArb = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...fieldNames), { minLength: 1, maxLength: 3 }).chain((fields) =>
    fc.tuple(...fields.toSorted((a, b) => (a.join() < b.join() ? -1 : 1)).map(([kind, name]) => testArb.map((t): FieldCondition => ({ kind, name, test: t }))))) }
)

export const routeArb: fc.Arbitrary<RouteMatch> = fc.record({
  listeners: fc.constantFrom([0], [0, 1], [1]),
  hosts: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...hostNames), { minLength: 1, maxLength: 2 }).map((names) => names.map(host)) }),
  methods: fc.constantFrom([], [], ['GET'], ['GET'], ['POST'], ['HEAD'], ['GET', 'POST'], ['PURGE']),
  path: pathArb,
  conditions: conditionsArb,
  priority: fc.constantFrom(0, 0, 0, 1, -1)
})

export const requestArb: fc.Arbitrary<ReferenceRequest> = fc.record({
  listener: fc.constantFrom(0, 0, 1),
  host: fc.constantFrom('x.org', 'x.org', 'a.com', 'b.a.com', 'c.b.a.com', 'x.y.a.com', 'com', '.a.com', ''),
  method: fc.constantFrom('GET', 'GET', 'POST', 'HEAD', 'PURGE', 'QUERY', ''),
  path: fc.tuple(fc.array(fc.constantFrom(...segmentTexts, ...segmentTexts, 'c', 'ba', ''), { maxLength: 4 }), fc.constantFrom('', '', '/')).map(([segments, end]) => `/${segments.join('/')}${end}`),
  fields: fc.tuple(...fieldNames.map(([kind, name]) => fc.constantFrom(undefined, undefined, ...values).map((value) => [kind, name, value] as const))).map(fieldsOf)
})

export function fieldsOf (list: readonly (readonly [FieldKind, string, string | undefined])[]): Fields {
  const all = new Map(list.flatMap(([kind, name, value]) => (value === undefined ? [] : [[`${kind} ${name}`, value]])))
  return { header: (name) => all.get(`header ${name}`), query: (name) => all.get(`query ${name}`), cookie: (name) => all.get(`cookie ${name}`) }
}

export function host (name: string): HostPattern {
  const parsed = parseHost(name)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}
