import { printHost } from '../../schema/host.ts'
import { printPath } from '../../schema/path.ts'
import type { ResolvedPolicy } from '../../schema/resolved.ts'
import { conditionText, methodsText } from './match-text.ts'
import { printable } from './report.ts'
import type { RouteRow } from './route-rows.ts'
import { style } from './style.ts'
import { tableText } from './table.ts'

/** The routes as a table, in the order in which they are tried. */
export function routesText (rows: readonly RouteRow[], color: boolean): string {
  if (rows.length === 0) return 'There are no routes.\n'
  const header = ['HOST', 'METHOD', 'PATH', 'WHEN', 'PRIORITY', 'LISTENERS', 'NAME', 'UPSTREAM', 'POLICIES', 'DEFINED AT']
  return tableText(header, rows.map(({ host, route, listeners, upstream, policies, definedAt }) => [
    host === undefined ? '*' : printHost(host),
    methodsText(route.match),
    printPath(route.match.path),
    route.match.conditions.map(conditionText).join(', '),
    route.match.priority === 0 ? '' : String(route.match.priority),
    listeners === 'all' ? '' : listeners.join(', '),
    // A derived id says again what the columns before it say; only it has a slash.
    route.id.includes('/') ? '' : route.id,
    upstream,
    policies.map(policyText).join(', '),
    definedAt
  ].map(printable)), style(color).strong)
}

function policyText ({ name, mode }: ResolvedPolicy): string {
  return mode === 'enforce' ? name : `${name} (${mode})`
}
