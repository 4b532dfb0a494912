import { readFileSync } from 'node:fs'

/** Method and path, in the syntax that all measured routers share. */
export type BenchRoute = readonly [method: string, path: string]

/** A request, the route that wins it, and the values of its parameters. */
export interface Sample { readonly method: string, readonly path: string, readonly route: number, readonly params: readonly string[] }

export type RouteSetSize = number | 'github'

/** A generator of numbers in [0, 1) that gives the same on every machine (Lehmer). */
export function seeded (seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

const things = ['users', 'orders', 'items', 'products', 'invoices', 'payments', 'sessions', 'messages', 'teams', 'projects', 'files', 'events', 'comments', 'devices', 'reports', 'tickets', 'accounts', 'carts', 'reviews', 'alerts']

/** The routes of many small REST services, fourteen each; or those of the GitHub API. */
export function routeSet (size: RouteSetSize): readonly BenchRoute[] {
  if (size === 'github') return JSON.parse(readFileSync(new URL('../../../../test/bench/github-routes.json', import.meta.url), 'utf8')) as BenchRoute[]
  const routes: BenchRoute[] = []
  for (let service = 0; routes.length < size; service++) {
    const base = `/api/v${1 + service % 3}/svc${service.toString(36)}`
    const list = `${base}/${things[service % things.length]!}`
    const part = `${list}/:id/${things[(service * 7 + 3) % things.length]!}-x`
    routes.push(
      ['GET', list], ['POST', list], ['GET', `${list}/:id`], ['PUT', `${list}/:id`], ['DELETE', `${list}/:id`], ['GET', `${list}/search`], ['GET', part], ['POST', part],
      ['GET', `${part}/:sub`], ['PATCH', `${part}/:sub`], ['GET', `${part}/:sub/history`], ['GET', `${base}/health`], ['GET', `${base}/docs/openapi.json`], ['GET', `${base}/static/*`]
    )
  }
  return routes.slice(0, size)
}

/** Requests spread evenly over the routes, with values such as real ones: numbers, hexadecimal ids, names. */
export function samplesOf (routes: readonly BenchRoute[], count: number): readonly Sample[] {
  const random = seeded(42)
  const value = (): string => {
    const kind = random()
    if (kind < 0.5) return String(Math.floor(random() * 1e6))
    return kind < 0.8 ? `${Math.floor(random() * 2 ** 32).toString(16).padStart(8, '0')}-${Math.floor(random() * 65536).toString(16)}` : `name_${Math.floor(random() * 1e4).toString(36)}`
  }
  return Array.from({ length: count }, () => {
    const route = Math.floor(random() * routes.length)
    const [method, pattern] = routes[route]!
    const params: string[] = []
    const path = pattern.replace(/:\w+|\*$/g, (parameter) => {
      params.push(parameter === '*' ? `js/app/${value()}.js` : value())
      return params.at(-1)!
    })
    // As a server has it: decoded from bytes in one piece, not a rope of the parts above.
    return { method, path: Buffer.from(path).toString('latin1'), route, params }
  })
}
