import { HostWitnesses } from '../../schema/automaton/host-witness.ts'
import type { FieldValue } from '../../schema/automaton/field-witness.ts'
import type { WitnessRequest } from '../../schema/diagnostic.ts'
import { comparePaths, printPath } from '../../schema/path.ts'
import type { RouteMatch } from '../../schema/resolved.ts'
import { conditionText } from '../render/match-text.ts'
import type { Cell } from './class-walk.ts'
import type { ChangedClass, ChangedPair, GatewayComparison } from './compare-gateways.ts'
import { MatcherTrial } from './matcher-trial.ts'
import type { PlanWitness, Region, RegionRoute, WitnessOutcome } from './plan.ts'
import { Reasons } from './reason.ts'
import type { Side } from './side.ts'

/** Describes changed classes with the patterns of the routes that take them. Every witness has been tried on the tables of both bundles. */
export class Regions {
  readonly #comparison: GatewayComparison
  readonly #hosts: HostWitnesses
  readonly #reasons: Reasons
  readonly #trial: MatcherTrial
  #cells: ReadonlyMap<number, readonly Cell[]> | undefined

  constructor (comparison: GatewayComparison) {
    this.#comparison = comparison
    this.#reasons = new Reasons(comparison)
    this.#trial = new MatcherTrial(comparison)
    this.#hosts = new HostWitnesses(comparison.hostClasses.map(({ places }) => ({ routes: [], places })), comparison.listeners.length)
  }

  region (pair: ChangedPair): Region {
    const { before, after } = this.#comparison
    const narrow = this.#narrow(pair)
    const methods = new Set(pair.classes.map((one) => one.class.method))
    return {
      listeners: this.#listeners(pair),
      hosts: unique(pair.classes.map(({ place }) => place.host === '' ? 'any host' : place.host)),
      methods: this.#methods(pair, narrow, methods),
      path: narrow === undefined ? null : printPath(this.#comparison.routes[narrow]!.path),
      conditions: unique([pair.before, pair.after < 0 ? -1 : pair.after + this.#comparison.boundary].flatMap((route) => this.#comparison.routes[route]?.conditions.map(conditionText) ?? [])),
      minus: narrow === undefined ? [] : this.#minus(pair, narrow, methods),
      before: routeOf(before, pair.before),
      after: routeOf(after, pair.after),
      because: this.#reasons.of(pair),
      classes: pair.classes.length,
      witness: this.#witness(pair)
    }
  }

  /** A request of a cell whose classes could not be told apart. */
  cellRegion (cell: Cell, because: string): Omit<Region, 'witness'> {
    const [first] = cell.candidates
    return {
      listeners: [], hosts: unique(cell.hosts.places.map(({ host }) => host === '' ? 'any host' : host)), methods: [],
      path: first === undefined ? null : printPath(this.#comparison.routes[first]!.path), conditions: [], minus: [],
      before: null, after: null, because, classes: 1
    }
  }

  /** The more specific of the two routes, as an index into all; undefined: no route takes these requests on either side. */
  #narrow ({ before, after }: ChangedPair): number | undefined {
    const { routes, boundary } = this.#comparison
    if (before < 0) return after < 0 ? undefined : after + boundary
    if (after < 0) return before
    return comparePaths(routes[before]!.path, routes[after + boundary]!.path) < 0 ? before : after + boundary
  }

  #listeners ({ classes }: ChangedPair): readonly string[] {
    const { listeners } = this.#comparison
    return listeners.length === 1 ? [] : unique(classes.map(({ place }) => listeners[place.listener]!.name))
  }

  #methods (pair: ChangedPair, narrow: number | undefined, methods: ReadonlySet<string>): readonly string[] {
    const { unnamed } = this.#comparison.walk
    if (methods.has(unnamed)) {
      const all = new Set(unique(pair.classes.map(({ cell }) => cell)).flatMap((cell) => cell.classes!.map(({ method }) => method)))
      return [...all].filter((method) => !methods.has(method)).sort().map((method) => `not ${method}`)
    }
    const named = narrow === undefined ? [] : this.#comparison.routes[narrow]!.methods
    // `GET` takes `HEAD` along.
    return [...methods].filter((method) => method !== 'HEAD' || !methods.has('GET') || named.includes('HEAD')).sort()
  }

  /** What wins over the region's own pattern inside of it. */
  #minus (pair: ChangedPair, narrow: number, methods: ReadonlySet<string>): readonly string[] {
    const { boundary, routes } = this.#comparison
    const own = printPath(routes[narrow]!.path)
    const conditions = new Set(routes[narrow]!.conditions.map(conditionText))
    const found = new Set<string>()
    for (const cell of this.#cellsOf(narrow)) {
      for (const { method, before, after } of cell.classes ?? []) {
        if (!methods.has(method) || (before === pair.before && (after < boundary ? after : after - boundary) === pair.after)) continue
        for (const winner of [before, after]) {
          if (winner < 0 || winner === pair.before || winner === pair.after + boundary) continue
          const text = minusText(routes[winner]!, own, conditions)
          if (text !== undefined) found.add(text)
        }
      }
    }
    return [...found].sort()
  }

  #cellsOf (route: number): readonly Cell[] {
    if (this.#cells === undefined) {
      const needed = new Set(this.#comparison.groups.flatMap(({ pairs }) => pairs.flatMap((pair) => this.#narrow(pair) ?? [])))
      const cells = new Map<number, Cell[]>([...needed].map((index) => [index, []]))
      for (const cell of this.#comparison.walk.cells) for (const candidate of cell.candidates) cells.get(candidate)?.push(cell)
      this.#cells = cells
    }
    return this.#cells.get(route) ?? []
  }

  #witness (pair: ChangedPair): PlanWitness {
    const { listeners, outcomes } = this.#comparison
    const one = [...pair.classes].sort((a, b) => rank(a) - rank(b))[0]!
    const { name, before, after } = listeners[one.place.listener]!
    const outcome = (side: 'before' | 'after', listener: number, result: number): WitnessOutcome => {
      const { reach, route, upstream } = outcomes[side].of(listener, result)
      return { outcome: reach, route: route?.id ?? null, upstream: upstream?.name ?? null, status: null }
    }
    const request = this.request(one, name)
    const claims = { before: outcome('before', before, pair.before), after: outcome('after', after, pair.after) }
    this.#trial.verify(one.place.listener, request, claims)
    return { request, ...claims, executed: 'matcher' }
  }

  request ({ cell, place, class: { method, values } }: ChangedClass, listener: string): WitnessRequest {
    return { listener, method, host: this.#hosts.host(place.listener, place.host), path: cell.path, headers: fieldsOf(values, 'header'), query: fieldsOf(values, 'query'), cookies: fieldsOf(values, 'cookie') }
  }
}

/** The plainest request of a region stands for it. */
function rank ({ cell, class: { method, values } }: ChangedClass): number {
  return cell.path.length + 100 * values.length + (method === 'GET' ? 0 : method === 'HEAD' ? 2000 : 1000)
}

function fieldsOf (values: readonly FieldValue[], kind: FieldValue['kind']): Readonly<Record<string, string>> {
  return Object.fromEntries(values.flatMap((field) => field.kind === kind && field.value !== undefined ? [[field.name, field.value]] : []))
}

function minusText (winner: RouteMatch, path: string, conditions: ReadonlySet<string>): string | undefined {
  const own = printPath(winner.path)
  if (own !== path) return own
  const more = winner.conditions.map(conditionText).filter((text) => !conditions.has(text))
  return more.length === 0 ? undefined : `with ${more.join(' and ')}`
}

function routeOf ({ bundle }: Side, result: number): RegionRoute | null {
  const route = bundle.routes[result]
  return route === undefined ? null : { id: route.id, at: bundle.origins[`route:${route.id}`] ?? null }
}

/** Each once, in their order. */
export function unique<Item> (items: readonly Item[]): readonly Item[] {
  return [...new Set(items)]
}
