import { isLoopback } from './loopback.ts'
import type { Rule } from './rule.ts'

/** A cookie for TLS only, where there is no TLS. */
export const affinityCookieNotSent: Rule = {
  code: 'affinity/cookie-not-sent',
  severity: 'warning',
  summary: 'The cookie that binds a client to a target is for TLS only, and its routes are served in clear text.',
  docs: `With \`affinity: { by: 'cookie' }\` the cookie is \`Secure\` unless the option says otherwise. A client that asks over \`http:\` does not keep such a cookie (RFC 6265
§5.4), so every request of it is the first one: nobody is bound to a target, and nothing says so.

Serve the routes with \`tls\`. Where a proxy in front ends TLS, name it in \`trustedProxies\`. For clear text alone: \`secure: false\`.`,
  check: ({ resolved, place }) => resolved.upstreams.flatMap(({ name, affinity, pointer }, upstream) => {
    if (affinity === null || affinity.by !== 'cookie' || !affinity.secure) return []
    const listeners = new Set(resolved.routes.filter(({ action }) => action.upstream === upstream).flatMap(({ match }) => match.listeners))
    const open = [...listeners].map((index) => resolved.listeners[index]!).filter(({ redirect }) => redirect === null)
    return open.length === 0 || open.some(({ tls, trustedProxies, address }) => tls !== null || trustedProxies.length > 0 || isLoopback(address)) ? [] : [{
      code: 'affinity/cookie-not-sent',
      severity: 'warning',
      subject: `upstream:${name}`,
      message: `clients do not send the affinity cookie of '${name}' back: it is for TLS only, and ${open.map((listener) => `'${listener.name}'`).join(' and ')} ${open.length === 1 ? 'is' : 'are'} clear text`,
      place: place(pointer, ['affinity']),
      help: 'Serve the routes with TLS, name the proxy that ends it in `trustedProxies`, or write `secure: false`.'
    }]
  })
}
