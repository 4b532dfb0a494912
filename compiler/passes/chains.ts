import { invariant } from '../../schema/invariant.ts'
import { phases } from '../../schema/policy.ts'
import type { AnyPolicy } from '../../schema/policy.ts'
import type { ResolvedPolicy } from '../../schema/resolved.ts'
import type { Checked } from './check.ts'
import { outcome } from './pass.ts'
import type { Outcome } from './pass.ts'

/** Policies in the order in which they run. Lists are shared: two routes with the same policies name the same chain. */
export interface Chains {
  /** Every policy instance that some chain runs, once; those with mode `off` are not here. */
  readonly policies: readonly ResolvedPolicy[]
  /** Lists of indices into `policies`, by phase, then in config order. */
  readonly chains: readonly (readonly number[])[]
  /** Index into `chains` by listener. */
  readonly listeners: readonly number[]
  /** Index into `chains` by route: policies of its groups, its own and those of its upstream. */
  readonly routes: readonly number[]
}

/** Orders the policies of each listener and route. Policies with one id are one instance; those that are off are dropped. */
export function buildChains ({ resolved }: Checked, registry: ReadonlyMap<string, AnyPolicy>): Outcome<Chains> {
  const policies: ResolvedPolicy[] = []
  const instances = new Map<string, number>()
  const chains: (readonly number[])[] = []
  const known = new Map<string, number>()
  const orders = new Map([...registry].map(([name, { phase }]) => [name, phases.indexOf(phase)]))

  return outcome({
    policies,
    chains,
    listeners: resolved.listeners.map((listener) => chain(listener.policies)),
    routes: resolved.routes.map(({ policies: own, action }) => chain([...own, ...resolved.upstreams[action.upstream]!.policies]))
  }, [])

  function chain (list: readonly ResolvedPolicy[]): number {
    const ordered = list.filter(({ mode }) => mode !== 'off').map((policy) => ({ phase: phaseOf(policy), instance: instance(policy) })).sort((a, b) => a.phase - b.phase)
    const indices = [...new Set(ordered.map((entry) => entry.instance))]
    const key = indices.join()
    let index = known.get(key)
    if (index === undefined) known.set(key, index = chains.push(indices) - 1)
    return index
  }

  function phaseOf ({ name }: ResolvedPolicy): number {
    const phase = orders.get(name)
    invariant(phase !== undefined, `policy ${name} is not in the registry`)
    return phase
  }

  function instance (policy: ResolvedPolicy): number {
    let index = instances.get(policy.id)
    if (index === undefined) instances.set(policy.id, index = policies.push(policy) - 1)
    return index
  }
}
