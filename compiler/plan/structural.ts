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

type Contents = ReadonlyMap<string, string>

function routeContents ({ routes, matches, upstreams, chains, policies }: Compared): Contents {
  const policyTexts = policies.map(({ id, ...content }) => canonicalJson(content))
  return new Map(routes.map(({ id, upstream, chain, ...rest }, index) =>
    [id, canonicalJson([rest, matches[index], upstreams[upstream]!.name, chains[chain]!.map((policy) => policyTexts[policy]!)])]))
}

function named (items: readonly { readonly name: string }[]): Contents {
  return new Map(items.map(({ name, ...content }) => [name, canonicalJson(content)]))
}

function withoutChain<Listener extends { readonly name: string, readonly chain: number }> ({ chain, ...rest }: Listener): Omit<Listener, 'chain'> {
  return rest
}

function counts (before: Contents, after: Contents): StructuralCount {
  const removed = [...before].filter(([name]) => !after.has(name))
  const added = [...after].filter(([name]) => !before.has(name))
  const contents = new Map<string, number>()
  for (const [, content] of removed) contents.set(content, (contents.get(content) ?? 0) + 1)
  let renamed = 0
  for (const [, content] of added) {
    const left = contents.get(content) ?? 0
    if (left === 0) continue
    contents.set(content, left - 1)
    renamed++
  }
  const edited = [...after].filter(([name, content]) => before.has(name) && before.get(name) !== content).length
  return { added: added.length - renamed, removed: removed.length - renamed, edited, renamed }
}
