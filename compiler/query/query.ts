import { methodNotAllowed } from '../../schema/automaton/decisions.ts'
import type { WitnessRequest } from '../../schema/diagnostic.ts'
import { registry } from '../../policies/registry.ts'
import type { FieldCondition, Resolved, ResolvedPolicy } from '../../schema/resolved.ts'
import { walkWithProbes } from '../plan/probed-walk.ts'
import { witnessRequest } from '../plan/witness-request.ts'
import { enforcedOn, guardOf } from '../rules/guarded.ts'
import { routeAt } from '../rules/route-at.ts'
import { asksForRefused, partsOf } from './expression.ts'
import type { Expression, QueryOperator } from './expression.ts'
import { fieldHolds } from './field-combinations.ts'
import { isHost, probesOf } from './probes.ts'
import type { Probes } from './probes.ts'

/** A class of requests for which a query holds, with one of them. */
export interface QueryMatch {
  readonly listener: string
  /** Index of the route that takes them; undefined: none does. */
  readonly route: number | undefined
  readonly outcome: 'route' | 'redirect' | 'no-route' | 'method-not-allowed'
  readonly request: WitnessRequest
}

export interface QueryResult {
  readonly matches: readonly QueryMatch[]
  /** Classes that were looked at. */
  readonly classes: number
  /** Why some requests could not be told apart; empty: all were looked at. */
  readonly unknown: readonly string[]
}

/** What a query is asked about: one class at one host of a listener. */
interface Subject {
  readonly resolved: Resolved
  readonly probes: Probes
  /** Indices of the probes whose path it has. */
  readonly paths: ReadonlySet<number>
  /** What is so of its fields, of all that was asked. */
  readonly fields: readonly FieldCondition[]
  readonly host: string
  readonly method: string
  readonly listener: number
  readonly route: number | undefined
}

/**
 * All classes of requests for which the expression holds. Those that no route takes are looked at only if it speaks of `refused`.
 * Throws `QueryError` for values that cannot be read.
 */
export function runQuery (resolved: Resolved, expression: Expression): QueryResult {
  const probes = probesOf(expression, resolved.listeners.length)
  const walk = walkWithProbes(resolved, probes.matches)
  const refused = asksForRefused(expression)
  const matches: QueryMatch[] = []
  const unknown = walk.unknown.map(({ reason }) => reason)
  let classes = 0
  for (const cell of walk.cells) {
    if (cell.classes === undefined) {
      unknown.push(`the conditions at ${cell.path} combine in too many ways`)
      continue
    }
    const paths = new Set(cell.candidates.filter((route) => route >= walk.boundary).map((route) => route - walk.boundary))
    for (const place of cell.hosts.places) {
      const listener = resolved.listeners[place.listener]!
      for (const one of cell.classes) {
        const redirected = listener.redirect !== null
        const route = redirected || one.before < 0 ? undefined : one.before
        if (route === undefined && !refused) continue
        classes++
        if (!holds(expression, { resolved, probes, paths, fields: probes.matches[one.after - walk.boundary]?.conditions ?? [], host: place.host, method: one.method, listener: place.listener, route })) continue
        matches.push({
          listener: listener.name, route,
          outcome: redirected ? 'redirect' : route !== undefined ? 'route' : one.before === methodNotAllowed ? 'method-not-allowed' : 'no-route',
          request: witnessRequest({ cell, place, class: one }, listener.name, walk.hosts, walk.unnamed)
        })
      }
    }
  }
  return { matches, classes, unknown }
}

/** Names that a query uses and nothing has, each with those that there are. */
export function unknownNames ({ routes, upstreams, listeners }: Resolved, policies: readonly ResolvedPolicy[], expression: Expression): readonly { readonly field: string, readonly value: string, readonly at: number, readonly known: readonly string[] }[] {
  const known: Partial<Record<string, readonly string[]>> = { route: routes.map(({ id }) => id), upstream: upstreams.map(({ name }) => name), listener: listeners.map(({ name }) => name), policy: [...registry.keys(), ...policies.map(({ id }) => id)], guard: [...registry.values()].map(({ guards }) => guards) }
  return partsOf(expression, 'test').flatMap(({ field, value, at }) => (known[field]?.includes(value) === false ? [{ field, value, at, known: known[field] }] : []))
}

function holds (expression: Expression, subject: Subject): boolean {
  switch (expression.kind) {
    case 'and': return expression.of.every((part) => holds(part, subject))
    case 'or': return expression.of.some((part) => holds(part, subject))
    case 'not': return !holds(expression.of, subject)
    case 'test': return passes(expression, subject)
    case 'field': return fieldHolds(expression, subject.fields)
    case 'word':
      switch (expression.word) {
        case 'authenticated': return guards(subject).includes('authentication')
        case 'limited': return guards(subject).includes('rate')
        case 'refused': return subject.route === undefined
      }
  }
}

function passes (test: Extract<Expression, { readonly kind: 'test' }>, subject: Subject): boolean {
  const { resolved, probes, route, listener } = subject
  const { field, operator, value } = test
  const is = (holds: boolean): boolean => (operator === '!=' ? !holds : holds)
  switch (field) {
    case 'path': return is(probes.ofPath.get(test)!.some((probe) => subject.paths.has(probe)))
    case 'host': return is(isHost(subject.host, probes.hosts.get(test)!, operator === 'under'))
    case 'method': return is(subject.method === value.toUpperCase())
    case 'listener': return is(resolved.listeners[listener]!.name === value)
    case 'route': return is(route !== undefined && routeAt(resolved, route).id === value)
    case 'upstream': return is(route !== undefined && upstreamOf(resolved, route).name === value)
    case 'policy': return is(policiesOf(subject).some(({ name, id }) => name === value || id === value))
    case 'guard': return is(guards(subject).some((guard) => guard === value))
    case 'timeout': return route !== undefined && compares(operator, routeAt(resolved, route).action.timeout ?? upstreamOf(resolved, route).timeouts.response, probes.numbers.get(test)!)
    case 'retries': return route !== undefined && compares(operator, upstreamOf(resolved, route).retries.max, probes.numbers.get(test)!)
  }
}

function upstreamOf (resolved: Resolved, route: number): Resolved['upstreams'][number] {
  return resolved.upstreams[routeAt(resolved, route).action.upstream]!
}

/** Those that are enforced; of a request that no route takes, none. */
function policiesOf ({ resolved, listener, route }: Subject): ReturnType<typeof enforcedOn> {
  return route === undefined ? [] : enforcedOn(resolved, listener, route)
}

function guards (subject: Subject): readonly (ReturnType<typeof guardOf>)[] {
  return policiesOf(subject).map(guardOf)
}

function compares (operator: QueryOperator, a: number, b: number): boolean {
  switch (operator) {
    case '<': return a < b
    case '<=': return a <= b
    case '>': return a > b
    case '>=': return a >= b
    case '!=': return a !== b
    default: return a === b
  }
}
