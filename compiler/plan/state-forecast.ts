import type { Bundle, BundlePolicy } from '../../schema/bundle.ts'
import { canonicalJson } from '../../schema/canonical.ts'
import type { AnyPolicy } from '../../schema/policy.ts'
import type { StateForecast } from './plan.ts'

type Stateful = Pick<Bundle, 'policies' | 'upstreams'>

/** What becomes of counters, pools, breakers and sessions when a runtime that serves `before` loads `after`: they are kept by id. */
export function forecastState (before: Stateful, after: Stateful, registry: ReadonlyMap<string, AnyPolicy>): StateForecast {
  const [old, now] = [stateOf(before, registry), stateOf(after, registry)]
  const gone = new Map([...old].filter(([key]) => !now.has(key)).map(([key, content]) => [content, key]))
  const started: string[] = []
  const reset: string[] = []
  const replaced = new Set<string>()
  for (const [key, content] of now) {
    if (old.has(key)) continue
    const was = gone.get(content)
    if (was === undefined) started.push(key)
    else {
      reset.push(`${key} (was ${was})`)
      replaced.add(was)
    }
  }
  return {
    carried: [...now.keys()].filter((key) => old.has(key)).sort(),
    reset: reset.sort(),
    started: started.sort(),
    drained: [...old.keys()].filter((key) => !now.has(key) && !replaced.has(key)).sort()
  }
}

/** Keys of what a runtime keeps, with what it is for. */
function stateOf ({ policies, upstreams }: Stateful, registry: ReadonlyMap<string, AnyPolicy>): ReadonlyMap<string, string> {
  const counts = (policy: BundlePolicy): boolean => registry.get(policy.name)?.ledger !== undefined
  return new Map([
    ...policies.filter(counts).map(({ id, name, version, options }) => [`${name} ${id}`, canonicalJson([name, version, options])] as const),
    ...upstreams.flatMap(({ name, protocol, targets, breaker, affinity }) => [
      ...targets.map(({ scheme, host, port }) => [`pool ${name} ${scheme}://${host}:${port}`, canonicalJson(['pool', protocol, scheme, host, port])] as const),
      ...(breaker === null ? [] : [[`breaker ${name}`, canonicalJson(['breaker', breaker, targets.map(({ host, port }) => `${host}:${port}`)])] as const]),
      ...(affinity === null || affinity.by === 'cookie' ? [] : [[`sessions ${name}`, canonicalJson(['sessions', affinity, targets.map(({ host, port }) => `${host}:${port}`)])] as const])
    ])
  ])
}
