import { registry } from '../../policies/registry.ts'
import type { Resolved, ResolvedPolicy } from '../../schema/resolved.ts'
import type { Guard } from '../../schema/policy.ts'

/** Whether a policy that is enforced guards a route in this way: its own, of its groups, its upstream, or of all its listeners. */
export function isGuarded ({ routes, listeners, upstreams }: Resolved, route: number, guard: Guard): boolean {
  const guards = ({ name, mode }: ResolvedPolicy): boolean => mode === 'enforce' && registry.get(name)?.guards === guard
  const { policies, match, action } = routes[route]!
  return policies.some(guards) || upstreams[action.upstream]!.policies.some(guards) || match.listeners.every((index) => listeners[index]!.policies.some(guards))
}
