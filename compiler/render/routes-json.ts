import { printHost } from '../../schema/host.ts'
import { printPath } from '../../schema/path.ts'
import type { RouteRow } from './route-rows.ts'

/** The route table for programs, one entry a row of the table. */
export function routesJson (rows: readonly RouteRow[]): string {
  return `${JSON.stringify({
    formatVersion: '1.0',
    routes: rows.map(({ host, route, listeners, upstream, policies, definedAt }) => ({
      host: host === undefined ? null : printHost(host),
      methods: route.match.methods,
      path: printPath(route.match.path),
      conditions: route.match.conditions,
      priority: route.match.priority,
      listeners: listeners === 'all' ? null : listeners,
      id: route.id,
      upstream,
      policies: policies.map(({ id, name, mode }) => ({ id, name, mode })),
      definedAt
    }))
  }, null, 2)}\n`
}
