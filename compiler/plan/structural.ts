import type { Bundle } from '../../schema/bundle.ts'
import { canonicalJson } from '../../schema/canonical.ts'
import type { Plan, StructuralCount } from './plan.ts'

type Compared = Pick<Bundle, 'routes' | 'matches' | 'upstreams' | 'listeners' | 'tcpListeners' | 'chains' | 'policies'>

/** How many routes, upstreams and listeners came, went and changed as the config says it, whatever that means for requests. */
export function structuralCounts (before: Compared, after: Compared): Plan['structural'] {
  return {
    routes: counts(routeContents(before), routeContents(after)),
    upstreams: counts(named(before.upstreams), named(after.upstreams)),
    listeners: counts(named([...before.listeners.map(withoutChain), ...before.tcpListeners]), named([...after.listeners.map(withoutChain), ...after.tcpListeners]))
  }
}

type Contents = ReadonlyMap<string, unknown>

function routeContents ({ routes, matches, upstreams, chains, policies }: Compared): Contents {
  const contents = policies.map(({ id, ...content }) => content)
  return new Map(routes.map(({ id, upstream, chain, ...rest }, index) => [id, [rest, matches[index], upstreams[upstream]!.name, chains[chain]!.map((policy) => contents[policy]!)]]))
}

function named (items: readonly { readonly name: string }[]): Contents {
  return new Map(items.map(({ name, ...content }) => [name, content]))
}

function withoutChain<Listener extends { readonly name: string, readonly chain: number }> ({ chain, ...rest }: Listener): Omit<Listener, 'chain'> {
  return rest
}

function counts (before: Contents, after: Contents): StructuralCount {
  const removed = [...before].filter(([name]) => !after.has(name))
  const added = [...after].filter(([name]) => !before.has(name))
  const contents = new Map<string, number>()
  for (const [, content] of removed) {
    const text = canonicalJson(content)
    contents.set(text, (contents.get(text) ?? 0) + 1)
  }
  let renamed = 0
  for (const [, content] of added) {
    const text = canonicalJson(content)
    const left = contents.get(text) ?? 0
    if (left === 0) continue
    contents.set(text, left - 1)
    renamed++
  }
  const edited = [...after].filter(([name, content]) => before.has(name) && !isSame(before.get(name), content)).length
  return { added: added.length - renamed, removed: removed.length - renamed, edited, renamed }
}

/** What is written alike is the same; else the order of members may be all that differs. */
function isSame (a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b) || canonicalJson(a) === canonicalJson(b)
}
