import { printHost } from '../../schema/host.ts'
import { printPath } from '../../schema/path.ts'
import type { ResolvedRoute } from '../../schema/resolved.ts'
import { methodsText } from '../render/match-text.ts'
import { isGuarded } from './guarded.ts'
import { routeAt } from './route-at.ts'
import type { Rule } from './rule.ts'

/** Reading asks for authentication, writing to the same path does not. */
export const authMethodGap: Rule = {
  code: 'auth/method-gap',
  severity: 'warning',
  summary: 'A path can be read only with authentication, and be written to without.',
  docs: `Two routes have the same hosts and path. The one for GET has a policy that authenticates, the one for another method has none. A
public page with protected changes is common; the reverse is nearly always a policy that was forgotten.

Put both into a group with the policy, or give the other route one of its own.`,
  check: ({ resolved, place }) => {
    const byPath = new Map<string, number[]>()
    for (const [index, route] of resolved.routes.entries()) {
      const key = pathKey(route)
      const list = byPath.get(key)
      if (list === undefined) byPath.set(key, [index])
      else list.push(index)
    }
    return [...byPath.values()].flatMap((routes) => {
      const reading = routes.find((index) => routeAt(resolved, index).match.methods.includes('GET') && isGuarded(resolved, index, 'authentication'))
      if (reading === undefined) return []
      const guarded = routeAt(resolved, reading)
      return routes.filter((index) => !routeAt(resolved, index).match.methods.some((method) => method === 'GET' || method === 'HEAD' || method === 'OPTIONS') && !isGuarded(resolved, index, 'authentication')).map((index) => {
        const open = routeAt(resolved, index)
        return {
          code: 'auth/method-gap',
          severity: 'warning' as const,
          subject: `route:${open.id}`,
          message: `${methodsText(open.match)} ${printPath(open.match.path)} asks for no authentication, GET does`,
          place: place(open.pointer, ['match']),
          related: [{ message: `'${guarded.id}' is guarded`, place: place(guarded.pointer, ['match']) }],
          help: 'Give both routes the same authentication.'
        }
      })
    })
  }
}

function pathKey ({ match: { listeners, hosts, path } }: ResolvedRoute): string {
  const segments = path.segments.map((segment) => ('name' in segment ? { ...segment, name: '' } : segment))
  return JSON.stringify([listeners, hosts.map(printHost).sort(), segments])
}
