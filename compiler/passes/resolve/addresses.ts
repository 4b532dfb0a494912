import { isIP } from 'node:net'
import { isCidr } from './address.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

/** Reports an address that cannot be bound, and trusted proxies that are no address ranges. */
export function checkAddresses (
  scope: Scope, { address, trustedProxies }: { readonly address: string, readonly trustedProxies: readonly string[] }, subject: string, pointer: string
): void {
  if (isIP(address) === 0) scope.findings.push(report('listener/invalid-address', `'${address}' is not an IP address`, { subject, place: scope.place(`${pointer}/address`) }))
  for (const [index, range] of trustedProxies.entries()) {
    if (!isCidr(range)) scope.findings.push(report('listener/invalid-cidr', `'${range}' is not an address range`, { subject, place: scope.place(`${pointer}/trustedProxies/${index}`) }))
  }
}
