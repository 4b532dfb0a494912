import { Decisions, knownMethods } from '../../schema/automaton/decisions.ts'
import { Overflow } from '../../schema/automaton/overflow.ts'
import { reach, ShortestSegments } from '../../schema/automaton/reach.ts'
import { determiniseTrie } from '../../schema/automaton/segment-states.ts'
import type { SegmentStates } from '../../schema/automaton/segment-states.ts'
import { Trie } from '../../schema/automaton/trie.ts'
import type { RouteMatch } from '../../schema/resolved.ts'
import type { HostClass } from './host-classes.ts'
import { RowClasses } from './row-classes.ts'
import type { RowClass } from './row-classes.ts'

/** Limits of the walk; past one of them a host class is unknown. Default 200,000 states or four a route, 64 classes of segments. */
export interface WalkBudget {
  readonly states?: number
  readonly classes?: number
}

/** Requests to one path under the hosts of a class. */
export interface Cell {
  readonly hosts: HostClass
  /** Shortest path that ends here. */
  readonly path: string
  /** Routes of both gateways whose pattern ends here. */
  readonly candidates: readonly number[]
  /** Undefined: its conditions combine in too many ways. */
  readonly classes: readonly RowClass[] | undefined
}

/** All requests, class by class. */
export interface Walk {
  readonly cells: readonly Cell[]
  /** States of the product. */
  readonly states: number
  /** Host classes that were given up, with the reason. */
  readonly unknown: readonly { readonly hosts: HostClass, readonly reason: string }[]
  /** The method that stands for all that no route names. */
  readonly unnamed: string
}

/**
 * Walks the product of both gateways' automata. Their patterns are in one trie; made deterministic, each of its states says for one set of paths
 * which routes of either gateway are left, by the construction that the runtime's tables come from.
 */
export function walkClasses (routes: readonly RouteMatch[], boundary: number, classes: readonly HostClass[], { states: limit = Math.max(200_000, 4 * routes.length), classes: most = 64 }: WalkBudget = {}): Walk {
  const rows = new RowClasses(routes, new Decisions(routes, knownMethods(routes)), boundary)
  const budget = { states: limit, classes: most }
  const shortest = new ShortestSegments()
  const all = productOf(routes, boundary, classes, budget)
  if (!(all instanceof Overflow)) return { cells: classes.flatMap((hosts, index) => cellsOf(all, index, hosts, rows, shortest)), states: all.states.sets.size, unknown: [], unnamed: rows.unnamed }
  // Together they are too many; alone most are not.
  const cells: Cell[] = []
  const unknown: { hosts: HostClass, reason: string }[] = []
  let count = 0
  for (const hosts of classes) {
    const one = count > limit ? new Overflow('the budget of states is used up', []) : productOf(routes, boundary, [hosts], budget)
    if (one instanceof Overflow) {
      unknown.push({ hosts, reason: one.message })
      continue
    }
    count += one.states.sets.size
    for (const cell of cellsOf(one, 0, hosts, rows, shortest)) cells.push(cell)
  }
  return { cells, states: count, unknown, unnamed: rows.unnamed }
}

interface Product {
  readonly trie: Trie
  readonly states: SegmentStates
}

function productOf (routes: readonly RouteMatch[], boundary: number, classes: readonly HostClass[], budget: Required<WalkBudget>): Product | Overflow {
  const trie = new Trie()
  const roots = classes.map(({ before, after }) => {
    const root = trie.addRoot()
    for (const route of before) trie.insert(root, routes[route]!.path, route)
    for (const route of after) trie.insert(root, routes[boundary + route]!.path, boundary + route)
    return root
  })
  try {
    return { trie, states: determiniseTrie(trie, roots, budget) }
  } catch (error) {
    if (error instanceof Overflow) return error
    throw error
  }
}

function cellsOf ({ trie, states }: Product, start: number, hosts: HostClass, rows: RowClasses, shortest: ShortestSegments): readonly Cell[] {
  return reach(states, states.starts[start]!, shortest).map(({ state, path }) => {
    const candidates = trie.routesAt(states.sets.nodes(state))
    return { hosts, path, candidates, classes: classesOf(rows, candidates) }
  })
}

function classesOf (rows: RowClasses, candidates: readonly number[]): readonly RowClass[] | undefined {
  try {
    return rows.of(candidates)
  } catch (error) {
    // Regular expressions on one field that are too large together.
    if (error instanceof Overflow) return undefined
    throw error
  }
}
