import { pathParams } from '../../schema/path.ts'
import { upstreamsOfTcp } from '../../schema/upstreams-of-tcp.ts'
import type { Rule } from './rule.ts'

/** Requests that lack what they are spread by. */
export const upstreamHashKeyMissing: Rule = {
  code: 'upstream/hash-key-missing',
  severity: 'warning',
  summary: 'An upstream spreads requests by a part that some of them cannot have.',
  docs: `With \`balance: { hash: 'param:id' }\` the requests of one \`id\` go to one target. A route without the parameter, or a tcp listener, whose connections have neither
parameters nor headers, has no key: its requests go to the less busy of two targets, so a cache or a session at one target is missed.

Give the parameter the same name in each route, or use a key that every request has: \`client-address\`, a header, a cookie.`,
  check: ({ resolved, place }) => resolved.upstreams.flatMap(({ name, balance, pointer }, upstream) => {
    if (balance.kind !== 'hash' || balance.by.kind === 'client-address') return []
    const { kind, name: key } = balance.by
    const routes = kind !== 'param' ? [] : resolved.routes.filter(({ match, action }) => action.upstream === upstream && !pathParams(match.path).includes(key))
    const listeners = resolved.tcpListeners.filter((listener) => upstreamsOfTcp(listener).includes(upstream))
    const without = [...routes.map(({ id, pointer }) => ({ text: `route '${id}'`, at: place(pointer, ['match']) })), ...listeners.map(({ name, pointer }) => ({ text: `tcp listener '${name}'`, at: place(pointer) }))]
    const [first, ...others] = without
    return first === undefined ? [] : [{
      code: 'upstream/hash-key-missing',
      severity: 'warning',
      subject: `upstream:${name}`,
      message: `'${name}' spreads by ${kind}:${key}, which ${first.text}${others.length === 0 ? '' : ` and ${others.length} more`} cannot have`,
      place: place(pointer, ['balance']),
      related: without.slice(0, 3).map(({ text, at }) => ({ message: `${text} has no ${kind} '${key}'`, place: at })),
      help: 'Use a key that every request has, or name the parameter alike in each route.'
    }]
  })
}
