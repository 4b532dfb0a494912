import type { QueryMatch, QueryResult } from '../query/query.ts'
import type { Resolved } from '../../schema/resolved.ts'
import { counted, printable } from './report.ts'
import { requestText } from './request-text.ts'
import { style } from './style.ts'

/** What else the text needs. */
export interface QueryTextContext {
  /** `file:line` of a node by its pointer. */
  readonly definedAt: (pointer: string) => string
  /** Every class, instead of one request for each route and listener. */
  readonly all: boolean
  readonly color: boolean
}

const nobody = { 'no-route': '404', 'method-not-allowed': '405', redirect: 'redirected to https', route: '' } as const

/** The classes that a query has found, by the route that takes them. */
export function queryText ({ matches, classes }: QueryResult, { routes }: Resolved, { definedAt, all, color }: QueryTextContext): string {
  const { strong, faint } = style(color)
  const groups = new Map<string, QueryMatch[]>()
  for (const match of matches) {
    const key = match.route === undefined ? match.outcome : String(match.route)
    groups.set(key, [...groups.get(key) ?? [], match])
  }
  const lines = [...groups.values()].flatMap((group) => {
    const { route, outcome } = group[0]!
    const listeners = new Set<string>()
    const shown = all ? group : group.filter(({ listener }) => !listeners.has(listener) && listeners.add(listener))
    return [
      `${strong(route === undefined ? nobody[outcome] : printable(routes[route]!.id))}${route === undefined ? '' : ` ${faint(definedAt(routes[route]!.pointer))}`}  ${counted(group.length, 'class')}`,
      ...shown.map(({ listener, request }) => `  ${requestText(request)}  ${faint(`on ${printable(listener)}`)}`)
    ]
  })
  return [...lines, ...lines.length === 0 ? [] : [''], `${matches.length} of ${counted(classes, 'class')} of requests`].join('\n')
}
