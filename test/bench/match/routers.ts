import findMyWay from 'find-my-way'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import { Memoirist } from 'memoirist'
import { addRoute, createRouter } from 'rou3'
import { compileRouter } from 'rou3/compiler'
import type { BenchRoute } from './route-sets.ts'

/** Index of the route, or -1. */
export type Find = (method: string, path: string) => number

/** Another router, used as its documentation says is fastest. It is given the path alone: hosts are our extra. */
export interface Peer { readonly name: string, build (routes: readonly BenchRoute[]): Find }

export const reference = 'find-my-way'

export const peers: readonly Peer[] = [
  {
    name: reference,
    build (routes) {
      const router = findMyWay()
      for (const [index, [method, path]] of routes.entries()) router.on(method as 'GET', path, () => undefined, { index })
      return (method, path) => (router.find(method as 'GET', path)?.store as { readonly index: number } | undefined)?.index ?? -1
    }
  },
  {
    name: 'memoirist',
    build (routes) {
      const router = new Memoirist<number>()
      for (const [index, [method, path]] of routes.entries()) router.add(method, path, index)
      return (method, path) => router.find(method, path)?.store ?? -1
    }
  },
  {
    name: 'rou3 compiled',
    build (routes) {
      const router = createRouter<number>()
      for (const [index, [method, path]] of routes.entries()) addRoute(router, method, path.replace(/\*$/, '**'), index)
      const find = compileRouter(router)
      return (method, path) => find(method, path)?.data ?? -1
    }
  },
  hono('hono RegExpRouter', () => new RegExpRouter<number>()),
  hono('hono TrieRouter', () => new TrieRouter<number>()),
  hono('hono SmartRouter', () => new SmartRouter<number>({ routers: [new RegExpRouter<number>(), new TrieRouter<number>()] }))
]

interface HonoRouter { add (method: string, path: string, handler: number): void, match (method: string, path: string): readonly [readonly (readonly [number, ...unknown[]])[], ...unknown[]] }

/** It answers with all handlers in the order of registration, so the more specific routes are registered first. */
function hono (name: string, create: () => HonoRouter): Peer {
  return {
    name,
    build (routes) {
      const router = create()
      const kinds = ([, path]: BenchRoute): string => path.split('/').map((segment) => (segment === '*' ? '2' : segment.startsWith(':') ? '1' : '0')).join('')
      const order = [...routes.entries()].sort(([, a], [, b]) => (kinds(a) < kinds(b) ? -1 : 1))
      for (const [index, [method, path]] of order) router.add(method, path, index)
      return (method, path) => router.match(method, path)[0][0]?.[0] ?? -1
    }
  }
}
