import findMyWay from 'find-my-way'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import { Memoirist } from 'memoirist'
import { addRoute, createRouter } from 'rou3'
import { compileRouter } from 'rou3/compiler'
import type { BenchRoute } from './route-sets.ts'

/** Finds the route of each request and sums their indices, -1 for none. Each router has a loop of its own, so that none pays for calls through a pointer. */
export type Total = (methods: readonly string[], paths: readonly string[]) => number

/** Another router, used as its documentation says is fastest. It is given the path alone: hosts are our extra. */
export interface Peer { readonly name: string, build (routes: readonly BenchRoute[]): Total }

export const reference = 'find-my-way'

export const peers: readonly Peer[] = [
  {
    name: reference,
    build (routes) {
      const router = findMyWay()
      for (const [index, [method, path]] of routes.entries()) router.on(method as 'GET', path, () => undefined, { index })
      return (methods, paths) => {
        let sum = 0
        for (let i = 0; i < paths.length; i++) sum += (router.find(methods[i] as 'GET', paths[i]!)?.store as { readonly index: number } | undefined)?.index ?? -1
        return sum
      }
    }
  },
  {
    name: 'memoirist',
    build (routes) {
      const router = new Memoirist<number>()
      for (const [index, [method, path]] of routes.entries()) router.add(method, path, index)
      return (methods, paths) => {
        let sum = 0
        for (let i = 0; i < paths.length; i++) sum += router.find(methods[i]!, paths[i]!)?.store ?? -1
        return sum
      }
    }
  },
  {
    name: 'rou3 compiled',
    build (routes) {
      const router = createRouter<number>()
      for (const [index, [method, path]] of routes.entries()) addRoute(router, method, path.replace(/\*$/, '**'), index)
      const find = compileRouter(router)
      return (methods, paths) => {
        let sum = 0
        for (let i = 0; i < paths.length; i++) sum += find(methods[i]!, paths[i]!)?.data ?? -1
        return sum
      }
    }
  },
  {
    name: 'hono RegExpRouter',
    build (routes) {
      const router = new RegExpRouter<number>()
      for (const [index, [method, path]] of specificFirst(routes)) router.add(method, path, index)
      return (methods, paths) => {
        let sum = 0
        for (let i = 0; i < paths.length; i++) sum += router.match(methods[i]!, paths[i]!)[0][0]?.[0] ?? -1
        return sum
      }
    }
  },
  {
    name: 'hono TrieRouter',
    build (routes) {
      const router = new TrieRouter<number>()
      for (const [index, [method, path]] of specificFirst(routes)) router.add(method, path, index)
      return (methods, paths) => {
        let sum = 0
        for (let i = 0; i < paths.length; i++) sum += router.match(methods[i]!, paths[i]!)[0][0]?.[0] ?? -1
        return sum
      }
    }
  },
  {
    name: 'hono SmartRouter',
    build (routes) {
      const router = new SmartRouter<number>({ routers: [new RegExpRouter<number>(), new TrieRouter<number>()] })
      for (const [index, [method, path]] of specificFirst(routes)) router.add(method, path, index)
      return (methods, paths) => {
        let sum = 0
        for (let i = 0; i < paths.length; i++) sum += router.match(methods[i]!, paths[i]!)[0][0]?.[0] ?? -1
        return sum
      }
    }
  }
]

/** Hono answers with all handlers in the order of registration, so the more specific routes are registered first. */
function specificFirst (routes: readonly BenchRoute[]): readonly (readonly [number, BenchRoute])[] {
  const kinds = ([, path]: BenchRoute): string => path.split('/').map((segment) => (segment === '*' ? '2' : segment.startsWith(':') ? '1' : '0')).join('')
  return [...routes.entries()].map(([index, route]) => ({ index, route, key: kinds(route) })).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index)).map(({ index, route }) => [index, route])
}
