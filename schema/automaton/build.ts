import type { RouteMatch } from '../resolved.ts'
import { analyse, type Analysis } from './analysis.ts'
import type { Automaton } from './automaton.ts'
import { decisionTables } from './decision-tables.ts'
import { Decisions, knownMethods } from './decisions.ts'
import { DfaTables } from './dfa-tables.ts'
import { groupByHost, type HostGroup } from './host-groups.ts'
import { layOut } from './layout.ts'
import { nodeTable } from './node-tables.ts'
import { Overflow } from './overflow.ts'
import { determiniseTrie } from './segment-states.ts'
import { Trie } from './trie.ts'

/** Limits of the construction; past one of them the result is `overflow`. */
export interface Budget {
  /** Segment states of the automaton. Default 200,000, or four for each route where that is more. */
  readonly states?: number
  /** Classes of segments told apart at one position. Default 64. */
  readonly classes?: number
}

export type BuildResult =
  | { readonly automaton: Automaton, readonly analysis: Analysis, readonly overflow?: undefined }
  | { readonly overflow: { readonly message: string, readonly routes: readonly number[] } }

/** Compiles all routes into one automaton. The analysis reasons over the same construction, when it is asked. */
export function buildAutomaton (routes: readonly RouteMatch[], listeners: number, budget: Budget = {}): BuildResult {
  try {
    return build(routes, groupByHost(routes, listeners), { states: budget.states ?? Math.max(200_000, 4 * routes.length), classes: budget.classes ?? 64 }, listeners)
  } catch (error) {
    if (error instanceof Overflow) return { overflow: { message: error.message, routes: error.routes } }
    throw error
  }
}

function build (routes: readonly RouteMatch[], groups: readonly HostGroup[], budget: Required<Budget>, listeners: number): BuildResult {
  const trie = new Trie()
  const roots = groups.map((group) => {
    const root = trie.addRoot()
    for (const route of group.routes) trie.insert(root, routes[route]!.path, route)
    return root
  })
  const states = determiniseTrie(trie, roots, budget)
  const methods = knownMethods(routes)
  const decisions = new Decisions(routes, methods)
  const rows = states.edges.map((_, state) => decisions.row(trie.routesAt(states.sets.nodes(state))))
  const layout = layOut(states, (state) => rows[state]!)
  const dfas = new DfaTables()
  const { nodes, offsetOf } = nodeTable(layout, methods.length + 1, dfas)
  const decided = decisionTables(decisions, dfas)
  const hosts = [...new Set(groups.flatMap((group) => group.places.map(({ host }) => host)))]
  const hostIndex = new Map(hosts.map((host, i) => [host, i]))
  const places = groups.flatMap((group, i) => group.places.flatMap(({ listener, host }) => [listener, hostIndex.get(host)!, offsetOf(layout.roots[i]!)]))
  const automaton: Automaton = { methods, hosts, roots: Int32Array.from(places), depths: layout.depths, nodes, ...decided, ...dfas.tables() }
  return { automaton, analysis: analyse({ routes, listeners, groups, states, decisions, rows, budget: budget.states }) }
}
