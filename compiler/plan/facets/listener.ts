import type { BundleListener } from '../../../schema/bundle.ts'
import { differs, durationText, sizeText } from './facet.ts'
import type { Facet } from './facet.ts'

/** Where clients connect. */
export const address: Facet = ({ listener: before }, { listener: after }) =>
  differs('address', addressText(before!), addressText(after!), { order: 'different', code: 'B01' })

function addressText ({ address, port }: BundleListener): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** TLS towards clients. */
export const tls: Facet = ({ listener: before }, { listener: after }) => {
  const [old, now] = [tlsStrength(before!), tlsStrength(after!)]
  const weaker = now.some((strength, i) => strength < old[i]!)
  const stronger = now.some((strength, i) => strength > old[i]!)
  return differs('tls', tlsText(before!), tlsText(after!), weaker ? { order: 'weaker', code: 'W09' } : { order: stronger ? 'stronger' : 'different', code: stronger ? 'B03' : undefined })
}

function tlsStrength ({ tls }: BundleListener): readonly number[] {
  if (tls === null) return [0, 0, 0]
  const { minVersion, clientCertificates } = tls
  return [1, Number(minVersion), clientCertificates === null ? 0 : clientCertificates.mode === 'required' ? 2 : 1]
}

function tlsText ({ tls }: BundleListener): string {
  if (tls === null) return 'none'
  const { minVersion, unknownHost, certificates, clientCertificates: client } = tls
  const from = typeof certificates === 'string' ? certificates : certificates.map(({ certificate }) => certificate.$secret).join(', ')
  return `from ${minVersion}, certificates ${from}, unknown names ${unknownHost === 'reject' ? 'refused' : 'served'}${client === null ? '' : `, client certificates ${client.mode} (${client.ca.$secret})`}`
}

/** Whose word is taken for where a request comes from. */
export const trust: Facet = ({ listener: before }, { listener: after }) => {
  const known = new Set(before!.trustedProxies)
  const more = after!.trustedProxies.some((proxy) => !known.has(proxy))
  return differs('trusted proxies', trustText(before!), trustText(after!), more ? { order: 'weaker', code: 'W11' } : { order: 'different', code: undefined })
}

function trustText ({ trustedProxies, proxyProtocol }: BundleListener): string {
  const list = trustedProxies.length === 0 ? 'none' : [...trustedProxies].sort().join(', ')
  return proxyProtocol ? `${list} (PROXY protocol)` : list
}

/** How large requests may be. */
export const limits: Facet = ({ listener: before }, { listener: after }) => {
  const sizes = ({ limits }: BundleListener): readonly number[] => [limits.bodyBytes ?? Infinity, limits.headBytes, limits.headers]
  const [old, now] = [sizes(before!), sizes(after!)]
  const raised = now.some((size, i) => size > old[i]!)
  return differs('size limits', limitsText(before!), limitsText(after!), raised ? { order: 'weaker', code: 'W10' } : { order: 'stronger', code: 'B06' })
}

function limitsText ({ limits: { bodyBytes, headBytes, headers } }: BundleListener): string {
  return `body ${sizeText(bodyBytes)}, head ${sizeText(headBytes)}, ${headers} fields`
}

/** What a client may hold open, and how long. */
export const connections: Facet = ({ listener: before }, { listener: after }) => {
  const text = ({ limits: { connections, connectionsPerAddress, streams }, http2, timeouts }: BundleListener): string =>
    `${connections ?? 'any number of'} connections, ${connectionsPerAddress ?? 'any number'} an address, ${http2 ? `HTTP/2 with ${streams} streams` : 'no HTTP/2'}, head ${durationText(timeouts.head)}, body ${durationText(timeouts.body)}, idle ${durationText(timeouts.idle)}`
  const lowered = (['head', 'body', 'idle'] as const).some((name) => after!.timeouts[name] < before!.timeouts[name])
  return differs('connections', text(before!), text(after!), { order: 'different', code: lowered ? 'B05' : undefined })
}

/** Where redirects lead. */
export const redirect: Facet = ({ listener: before }, { listener: after }) => {
  if (before!.redirect === null || after!.redirect === null) return undefined
  const text = ({ redirect }: BundleListener): string => `${redirect!.status}${redirect!.port === null ? '' : ` to port ${redirect!.port}`}`
  return differs('redirect', text(before!), text(after!))
}
