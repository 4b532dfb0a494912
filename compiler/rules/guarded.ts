import { registry } from '../../policies/registry.ts'
import type { Resolved, ResolvedPolicy } from '../../schema/resolved.ts'
import type { Guard } from '../../schema/policy.ts'

/** Policies that are enforced for what a route takes on a listener. */
export function enforcedOn ({ routes, listeners, upstreams }: Resolved, listener: number, route: number): readonly ResolvedPolicy[] {
  const { policies, action } = routes[route]!
  return [...listeners[listener]!.policies, ...policies, ...upstreams[action.upstream]!.policies].filter(({ mode }) => mode === 'enforce')
}

/** What a policy guards against. */
export function guardOf ({ name }: ResolvedPolicy): Guard | undefined {
  return registry.get(name)?.guards
}

/** Whether a policy that is enforced guards a route in this way, on each of its listeners. */
export function isGuarded (resolved: Resolved, route: number, guard: Guard): boolean {
  return resolved.routes[route]!.match.listeners.every((listener) => enforcedOn(resolved, listener, route).some((policy) => guardOf(policy) === guard))
}
