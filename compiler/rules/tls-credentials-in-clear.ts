import { enforcedOn, guardOf } from './guarded.ts'
import { isLoopback } from './loopback.ts'
import type { Rule } from './rule.ts'

/** Credentials that anybody on the way can read. */
export const tlsCredentialsInClear: Rule = {
  code: 'tls/credentials-in-clear',
  severity: 'info',
  profile: 'strict',
  summary: 'A listener asks for credentials and takes them in clear text.',
  docs: `Routes of this listener authenticate, and it ends no TLS: whoever is on the way between client and gateway reads the keys.

Give it \`tls\`. Where a proxy in front ends TLS, name its network in \`trustedProxies\`: then nothing is told, and the addresses of clients are right too.
Listeners on loopback addresses are left out.`,
  check: ({ resolved, place }) => resolved.listeners.flatMap(({ name, tls, redirect, trustedProxies, address, pointer }, listener) => {
    if (tls !== null || redirect !== null || trustedProxies.length > 0 || isLoopback(address)) return []
    const route = resolved.routes.findIndex(({ match }, index) => match.listeners.includes(listener) && enforcedOn(resolved, listener, index).some((policy) => guardOf(policy) === 'authentication'))
    if (route < 0) return []
    const { id, pointer: at } = resolved.routes[route]!
    return [{
      code: 'tls/credentials-in-clear',
      severity: 'info',
  profile: 'strict',
      subject: `listener:${name}`,
      message: `'${name}' takes credentials in clear text`,
      place: place(pointer),
      related: [{ message: `'${id}' asks for them`, place: place(at, ['match']) }],
      help: 'Give the listener `tls`, or name the proxy that ends it in `trustedProxies`.'
    }]
  })
}
