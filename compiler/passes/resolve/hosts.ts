import { parseHost, printHost } from '../../../schema/host.ts'
import type { HostPattern } from '../../../schema/host.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

/** Reads the hosts of a route or group, each once and in the order of the alphabet. What cannot be read is reported and left out. */
export function resolveHosts (scope: Scope, given: string | readonly string[], pointer: string): readonly HostPattern[] {
  const hosts = new Map<string, HostPattern>()
  const several = typeof given !== 'string'
  for (const [index, text] of (several ? given : [given]).entries()) {
    const host = parseHost(text)
    if (typeof host !== 'string') hosts.set(printHost(host), host)
    else scope.findings.push(report('host/invalid-pattern', `'${text}': ${host}`, { place: scope.place(`${pointer}/host${several ? `/${index}` : ''}`) }))
  }
  return [...hosts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, host]) => host)
}
