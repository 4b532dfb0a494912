import type { AnyPolicy } from '../../schema/policy.ts'
import type { RouteMatch } from '../../schema/resolved.ts'
import { walkClasses } from './class-walk.ts'
import type { Cell, Walk, WalkBudget } from './class-walk.ts'
import type { Difference } from './difference.ts'
import { CountScopes } from './count-scopes.ts'
import { differencesOf } from './differences.ts'
import { hostClasses } from './host-classes.ts'
import type { HostClass } from './host-classes.ts'
import { pairListeners } from './listener-pairs.ts'
import type { ListenerPair } from './listener-pairs.ts'
import { Interner, Outcomes } from './outcomes.ts'
import type { RowClass } from './row-classes.ts'
import type { Side } from './side.ts'
import type { PlacedClass } from './witness-request.ts'

/** One class of requests that is treated otherwise. */
export type ChangedClass = PlacedClass

/** The changed classes that one route of the base gave up to one of the head; results as in `RowClass`, each within its own gateway. */
export interface ChangedPair {
  readonly before: number
  readonly after: number
  readonly classes: readonly ChangedClass[]
}

/** All classes that differ in the same way. */
export interface ChangeGroup {
  readonly differences: readonly Difference[]
  readonly pairs: readonly ChangedPair[]
}

/** What both gateways do with every request, compared. */
export interface GatewayComparison {
  readonly before: Side
  readonly after: Side
  readonly listeners: readonly ListenerPair[]
  /** Of both gateways; those of the second begin at `boundary`. */
  readonly routes: readonly RouteMatch[]
  readonly boundary: number
  readonly hostClasses: readonly HostClass[]
  readonly walk: Walk
  readonly outcomes: { readonly before: Outcomes, readonly after: Outcomes }
  readonly groups: readonly ChangeGroup[]
  /** Cells whose classes could not be told apart. */
  readonly unknownCells: readonly Cell[]
  /** `taken`: by a route of the base, and how many of those changed. */
  readonly counts: { readonly total: number, readonly changed: number, readonly taken: number, readonly takenChanged: number }
}

/** Compares two gateways over all requests there are. */
export function compareGateways (before: Side, after: Side, registry: ReadonlyMap<string, AnyPolicy>, budget?: WalkBudget): GatewayComparison {
  const listeners = pairListeners(before, after)
  const classes = hostClasses(before, after, listeners)
  const boundary = before.matches.length
  const routes = [...before.matches, ...after.matches]
  const walk = walkClasses(routes, boundary, classes, budget)
  const interner = new Interner()
  const outcomes = { before: new Outcomes(before, registry, interner), after: new Outcomes(after, registry, interner) }
  const found = new Map<string, { differences: readonly Difference[], pairs: Map<string, { before: number, after: number, classes: ChangedClass[] }> }>()
  const known = new Map<string, readonly Difference[]>()
  const scopes = new CountScopes(outcomes, registry)
  let total = 0
  let changed = 0
  let taken = 0
  let takenChanged = 0

  visit((_cell, place, one, now) => {
    total++
    if (one.before >= 0) taken++
    scopes.note(listeners[place.listener]!, one.before, now)
  })
  visit((cell, place, one, now) => {
    const differences = compared(listeners[place.listener]!, one.before, now)
    if (differences.length === 0) return
    changed++
    if (one.before >= 0) takenChanged++
    note(differences, one.before, now, { cell, place, class: one })
  })
  const groups = [...found.values()].map(({ differences, pairs }) => ({ differences, pairs: [...pairs.values()] }))
  return { before, after, listeners, routes, boundary, hostClasses: classes, walk, outcomes, groups, unknownCells: walk.cells.filter(({ classes }) => classes === undefined), counts: { total, changed, taken, takenChanged } }

  /** All classes but those that are unknown; `now` is the result within the head. */
  function visit (see: (cell: Cell, place: HostClass['places'][number], one: RowClass, now: number) => void): void {
    for (const cell of walk.cells) {
      for (const one of cell.classes ?? []) for (const place of cell.hosts.places) see(cell, place, one, one.after >= boundary ? one.after - boundary : one.after)
    }
  }

  function compared (pair: ListenerPair, was: number, is: number): readonly Difference[] {
    const key = `${pair.before} ${pair.after} ${was} ${is}`
    let differences = known.get(key)
    if (differences === undefined) {
      const same = outcomes.before.key(pair.before, was) === outcomes.after.key(pair.after, is)
      const own = same ? [] : differencesOf(outcomes.before.of(pair.before, was), outcomes.after.of(pair.after, is), { registry })
      known.set(key, differences = [...own, ...scopes.differences(pair, was, is)])
    }
    return differences
  }

  function note (differences: readonly Difference[], was: number, is: number, one: ChangedClass): void {
    const key = JSON.stringify(differences)
    let group = found.get(key)
    if (group === undefined) found.set(key, group = { differences, pairs: new Map() })
    const pair = group.pairs.get(`${was} ${is}`)
    if (pair === undefined) group.pairs.set(`${was} ${is}`, { before: was, after: is, classes: [one] })
    else pair.classes.push(one)
  }
}
