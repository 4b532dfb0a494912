import { HostWitnesses } from '../../schema/automaton/host-witness.ts'
import { comparePaths, printPath } from '../../schema/path.ts'
import { compareForMethod } from '../../schema/precedence.ts'
import type { RouteMatch } from '../../schema/resolved.ts'
import { conditionText } from '../render/match-text.ts'
import type { Cell } from './class-walk.ts'
import type { ChangedClass, ChangedPair, GatewayComparison } from './compare-gateways.ts'
import { MatcherTrial } from './matcher-trial.ts'
import type { PlanWitness, Region, RegionRoute, WitnessOutcome } from './plan.ts'
import { Reasons } from './reason.ts'
import type { Side } from './side.ts'
import { witnessRequest } from './witness-request.ts'

/** Describes changed classes with the patterns of the routes that take them. Every witness has been tried on the tables of both bundles. */
export class Regions {
  readonly #comparison: GatewayComparison
  readonly #hosts: HostWitnesses
  #reasons: Reasons | undefined
  #trial: MatcherTrial | undefined
  #cells: ReadonlyMap<number, readonly Cell[]> | undefined

  constructor (comparison: GatewayComparison) {
    this.#comparison = comparison
    this.#hosts = new HostWitnesses(comparison.hostClasses.map(({ places }) => ({ routes: [], places })), comparison.listeners.length)
  }

  /** As many as it takes for each to be exact: hosts and listeners for which the same can be said are one. */
  regions (pair: ChangedPair): readonly Region[] {
    const { before, after, routes } = this.#comparison
    const narrow = this.#narrow(pair)
    const described = alike(pair.classes, ({ place, cell }) => [place.listener, cell.hosts]).map((classes) => {
      const part = { ...pair, classes }
      const methods = this.#methods(part, narrow)
      return { classes, said: { methods: methods.shown, also: this.#also(part, narrow), minus: narrow === undefined ? [] : this.#minus(part, narrow, methods.takes) } }
    })
    const hostsOf = (classes: readonly ChangedClass[]): readonly string[] => unique(classes.map(({ place }) => place.host === '' ? 'any host' : place.host)).toSorted()
    // Hosts of one listener first, then listeners with the same hosts.
    const onListener = alike(described, ({ classes, said }) => [classes[0]!.place.listener, JSON.stringify(said)])
      .map((parts) => ({ ...parts[0]!, classes: parts.flatMap(({ classes }) => classes) }))
    return alike(onListener, ({ classes, said }) => [JSON.stringify([hostsOf(classes), said])]).map((parts): Region => {
      const { methods, also, minus } = parts[0]!.said
      const classes = parts.flatMap((part) => part.classes)
      return {
        listeners: this.#listeners(classes),
        hosts: hostsOf(classes),
        methods,
        path: narrow === undefined ? null : printPath(routes[narrow]!.path),
        conditions: unique([...also, ...this.#own(pair).flatMap((route) => routes[route]?.conditions.map(conditionText) ?? [])]),
        minus,
        before: routeOf(before, pair.before),
        after: routeOf(after, pair.after),
        because: (this.#reasons ??= new Reasons(this.#comparison)).of({ ...pair, classes }),
        classes: classes.length,
        witness: this.#witness({ ...pair, classes })
      }
    })
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
  #narrow (pair: ChangedPair): number | undefined {
    const { routes } = this.#comparison
    const [before, after] = this.#own(pair)
    if (before < 0) return after < 0 ? undefined : after
    return after < 0 || comparePaths(routes[before]!.path, routes[after]!.path) < 0 ? before : after
  }

  /** The two routes as indices into all; below 0: none. */
  #own ({ before, after }: ChangedPair): readonly [number, number] {
    return [before, after < 0 ? -1 : after + this.#comparison.boundary]
  }

  /** The pattern of the less specific route, where it does not take all paths of the other. */
  #also (pair: ChangedPair, narrow: number | undefined): readonly string[] {
    const wide = this.#own(pair).find((route) => route >= 0 && route !== narrow)
    if (narrow === undefined || wide === undefined) return []
    const { hosts } = pair.classes[0]!.cell
    return this.#cellsOf(narrow).every((cell) => cell.hosts !== hosts || cell.candidates.includes(wide)) ? [] : [`path ${printPath(this.#comparison.routes[wide]!.path)}`]
  }

  #listeners (classes: readonly ChangedClass[]): readonly string[] {
    const { listeners } = this.#comparison
    return listeners.length === 1 ? [] : unique(classes.map(({ place }) => listeners[place.listener]!.name))
  }

  /** The methods of a region; with `unnamed`, all but those that it takes at none of its paths. */
  #methods (pair: ChangedPair, narrow: number | undefined): { readonly shown: readonly string[], takes (method: string): boolean } {
    const { unnamed } = this.#comparison.walk
    const methods = new Set(pair.classes.map((one) => one.class.method))
    if (methods.has(unnamed)) {
      const taken = new Map<Cell, Set<string>>()
      for (const { cell, class: { method } } of pair.classes) taken.set(cell, (taken.get(cell) ?? new Set()).add(method))
      const named = new Set([...taken.keys()].flatMap((cell) => cell.classes!.map(({ method }) => method)))
      // Where a method has no class of its own it goes with those that no route names.
      const isOut = (method: string): boolean => [...taken].every(([cell, own]) => !own.has(cell.classes!.some((one) => one.method === method) ? method : unnamed))
      const out = new Set([...named].filter(isOut))
      return { shown: [...out].sort().map((method) => `not ${method}`), takes: (method) => !out.has(method) }
    }
    const own = narrow === undefined ? [] : this.#comparison.routes[narrow]!.methods
    // `GET` takes `HEAD` along.
    return { shown: [...methods].filter((method) => method !== 'HEAD' || !methods.has('GET') || own.includes('HEAD')).sort(), takes: (method) => methods.has(method) }
  }

  /** What wins over the region's own pattern inside of it. */
  #minus (pair: ChangedPair, narrow: number, takes: (method: string) => boolean): readonly string[] {
    const { routes } = this.#comparison
    const { hosts } = pair.classes[0]!.cell
    const own = this.#own(pair)
    // By what they take: names of parameters are not part of that, and those of the new version are told.
    const found = new Map<string, string>()
    for (const cell of this.#cellsOf(narrow)) {
      if (cell.hosts !== hosts) continue
      for (const one of cell.classes ?? []) {
        if (!takes(one.method)) continue
        for (const [side, winner] of [one.before, one.after].entries()) {
          const usual = own[side]!
          // A less specific route, or one that comes later, takes only what path and conditions of the region leave out.
          if (winner < 0 || winner === usual || (usual >= 0 && (compareForMethod(routes[winner]!, routes[usual]!, one.method) || winner - usual) > 0)) continue
          const text = minusText(routes[winner]!, routes[narrow]!)
          if (text !== undefined) found.set(minusText(nameless(routes[winner]!), routes[narrow]!) ?? text, text)
        }
      }
    }
    return [...new Set(found.values())].sort()
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
    const request = witnessRequest(one, name, this.#hosts, this.#comparison.walk.unnamed)
    const claims = { before: outcome('before', before, pair.before), after: outcome('after', after, pair.after) }
    this.#trial ??= new MatcherTrial(this.#comparison)
    this.#trial.verify(one.place.listener, request, claims)
    return { request, ...claims, executed: 'matcher' }
  }
}

/** The plainest request of a region stands for it. */
function rank ({ cell, class: { method, values } }: ChangedClass): number {
  return cell.path.length + 100 * values.length + (method === 'GET' ? 0 : method === 'HEAD' ? 2000 : 1000)
}

/** What of a region goes to `winner`: `/a/b`, `GET /a/b with header x`. Undefined: nothing tells it apart in words. */
function minusText (winner: RouteMatch, own: RouteMatch): string | undefined {
  const known = new Set(own.conditions.map(conditionText))
  const more = winner.conditions.map(conditionText).filter((text) => !known.has(text))
  const path = printPath(winner.path)
  if (path === printPath(own.path) && more.length === 0) return undefined
  return [
    winner.methods.length === 0 || [...winner.methods].sort().join() === [...own.methods].sort().join() ? '' : `${winner.methods.join('|')} `,
    path,
    more.length === 0 ? '' : ` with ${more.join(' and ')}`
  ].join('')
}

function nameless (route: RouteMatch): RouteMatch {
  return { ...route, path: { ...route.path, segments: route.path.segments.map((segment) => 'name' in segment && segment.name !== '*' ? { ...segment, name: '' } : segment) } }
}

function routeOf ({ bundle }: Side, result: number): RegionRoute | null {
  const route = bundle.routes[result]
  return route === undefined ? null : { id: route.id, at: bundle.origins[`route:${route.id}`] ?? null }
}

/** Sorts items into lists with equal keys, in the order of their first. */
function alike<Item> (items: readonly Item[], key: (item: Item) => readonly unknown[]): readonly (readonly Item[])[] {
  const numbers = new Map<unknown, number>()
  const number = (part: unknown): number => {
    if (!numbers.has(part)) numbers.set(part, numbers.size)
    return numbers.get(part)!
  }
  const lists = new Map<string, Item[]>()
  for (const item of items) {
    const text = key(item).map(number).join()
    const list = lists.get(text)
    if (list === undefined) lists.set(text, [item])
    else list.push(item)
  }
  return [...lists.values()]
}

/** Each once, in their order. */
function unique<Item> (items: readonly Item[]): readonly Item[] {
  return [...new Set(items)]
}
