import type { BundleListener } from '../../../schema/bundle.ts'
import { differs, durationText, partsDiffer, sizeText } from './facet.ts'
import type { Facet, Parts } from './facet.ts'

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
  return partsDiffer('tls', tlsParts(before!), tlsParts(after!), weaker ? { order: 'weaker', code: 'W09' } : { order: stronger ? 'stronger' : 'different', code: stronger ? 'B03' : undefined })
}

function tlsStrength ({ tls }: BundleListener): readonly number[] {
  if (tls === null) return [0, 0, 0]
  const { minVersion, clientCertificates } = tls
  return [1, Number(minVersion), clientCertificates === null ? 0 : clientCertificates.mode === 'required' ? 2 : 1]
}

function tlsParts ({ tls }: BundleListener): Parts {
  if (tls === null) return { version: 'none: clear text' }
  const { minVersion, unknownHost, certificates, clientCertificates: client } = tls
  return {
    version: `${minVersion} or later`,
    certificates: typeof certificates === 'string' ? certificates : certificates.map(({ certificate, key }) => `${certificate.$secret} with ${key.$secret}`).join(' and '),
    'unknown names': unknownHost === 'reject' ? 'refused' : 'served',
    'client certificates': client === null ? 'not asked for' : `${client.mode}, by ${client.ca.$secret}`
  }
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
  return partsDiffer('size limits', limitsParts(before!), limitsParts(after!), raised ? { order: 'weaker', code: 'W10' } : { order: 'stronger', code: 'B06' })
}

function limitsParts ({ limits: { bodyBytes, headBytes, headers } }: BundleListener): Parts {
  return { body: sizeText(bodyBytes), head: sizeText(headBytes), fields: String(headers) }
}

/** What a client may hold open, and how long. */
export const connections: Facet = ({ listener: before }, { listener: after }) => {
  const parts = ({ limits: { connections, connectionsPerAddress, streams }, http2, timeouts }: BundleListener): Parts => ({
    connections: String(connections ?? 'no limit'), 'connections an address': String(connectionsPerAddress ?? 'no limit'), 'HTTP/2': http2 ? `${streams} streams` : 'off',
    'head within': durationText(timeouts.head), 'body within': durationText(timeouts.body), 'idle for': durationText(timeouts.idle)
  })
  const lowered = (['head', 'body', 'idle'] as const).some((name) => after!.timeouts[name] < before!.timeouts[name])
  return partsDiffer('connections', parts(before!), parts(after!), { order: 'different', code: lowered ? 'B05' : undefined })
}

/** Where redirects lead. */
export const redirect: Facet = ({ listener: before }, { listener: after }) => {
  if (before!.redirect === null || after!.redirect === null) return undefined
  const text = ({ redirect }: BundleListener): string => `${redirect!.status}${redirect!.port === null ? '' : ` to port ${redirect!.port}`}`
  return differs('redirect', text(before!), text(after!))
}
