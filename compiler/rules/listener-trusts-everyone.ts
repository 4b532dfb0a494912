import type { Rule } from './rule.ts'

/** Networks that are larger hold more than the machines of one owner; IPv4 private space is a /8 at most. */
const widest = 8

/** A listener that believes whoever connects. */
export const listenerTrustsEveryone: Rule = {
  code: 'listener/trusts-everyone',
  severity: 'warning',
  summary: 'A listener believes any client what it says about its address.',
  docs: `From addresses in \`trustedProxies\` the gateway believes \`X-Forwarded-For\`, \`Forwarded\` and the PROXY protocol. With \`0.0.0.0/0\` or \`::/0\` that is everybody:
a client writes an address of its choice into logs, and has a new one for each request that a limit counts by address.

Name the networks of the proxies that stand in front, \`trustedProxies: ['10.0.0.0/8']\`, or none.`,
  check: ({ resolved, place }) => [...resolved.listeners, ...resolved.tcpListeners].flatMap(({ name, trustedProxies, pointer }) => {
    const index = trustedProxies.findIndex((range) => /\/\d+$/.test(range) && Number(range.slice(range.indexOf('/') + 1)) < widest)
    return index < 0 ? [] : [{
      code: 'listener/trusts-everyone',
      severity: 'warning',
      subject: `listener:${name}`,
      message: `'${name}' believes clients in all of ${trustedProxies[index]!} what they say about their address`,
      place: place(pointer, ['trustedProxies', index]),
      help: 'Name the networks of your own proxies only.'
    }]
  })
}
