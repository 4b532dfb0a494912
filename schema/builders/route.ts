import type { RouteDocument } from '../generated/gateway.ts'
import type { PolicyFor } from '../policy-builder.ts'
import type { CheckedMatch } from './match-types.ts'
import { recordPlace } from './place.ts'
import type { Retyped } from './retyped.ts'
import type { CheckedRewrite } from './rewrite-types.ts'
import type { UpstreamNode } from './upstream.ts'

/** Options of `route` that do not depend on its path. */
export interface PlainRouteOptions extends Omit<RouteDocument, 'match' | 'to' | 'rewrite' | 'policies'>,
  Retyped<RouteDocument, 'to', UpstreamNode>, Retyped<RouteDocument, 'policies', readonly PolicyFor<'route'>[]> {}

/** Options of `route`. */
export interface RouteOptions<Match extends string = string, Rewrite extends string = string> extends PlainRouteOptions, RewriteOption<Match, Rewrite> {}

/** Mapped, to keep its docs, and not by `Retyped`, which would compute the type for each route that has no rewrite too. */
type RewriteOption<Match extends string, Rewrite extends string> = { readonly [Key in keyof Pick<RouteDocument, 'rewrite'>]: CheckedRewrite<Rewrite, Match> }

/** Which requests, and where they go; made by `route`. */
export interface RouteNode {
  readonly kind: 'route'
  readonly match: string
  readonly options: PlainRouteOptions & { readonly rewrite?: string }
}

/**
 * Sends the requests that match to an upstream. `match` is methods and a path: `GET /users/:id`, `GET|POST /files/:path*`, `/static/*`.
 * Without a method the route takes any; `GET` also takes `HEAD`. Path parameters can be used as `{name}` in `rewrite`. The most specific
 * route wins, wherever it stands.
 *
 * ```ts
 * const users = upstream('users', { targets: ['http://127.0.0.1:9001'] })
 * const routes = [
 *   route('GET /users/:id', { to: users, rewrite: '/v2/people/{id}' }),
 *   route('GET /reports/:year(\\d{4})/:file.pdf', { to: users, rewrite: '/archive/{year}-{file}.pdf', timeout: '30s' }),
 *   route('/files/:path*', { to: users, when: { headers: { 'x-beta': true } }, policies: [rateLimit({ limit: 10, window: '1s' })] })
 * ]
 * ```
 */
export function route<Match extends string, Rewrite extends string = never> (
  match: CheckedMatch<Match>, options: RouteOptions<Match, Rewrite>
): RouteNode {
  return recordPlace(Object.freeze({ kind: 'route', match, options: Object.freeze({ ...options }) as RouteNode['options'] }), route)
}
