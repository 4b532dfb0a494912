import type { BundleTcpListener } from '../../schema/bundle.ts'
import { printHost } from '../../schema/host.ts'
import { differs } from './facets/facet.ts'
import { reliability, targets, upstreamOwner, upstreamTls } from './facets/upstream.ts'
import type { Difference } from './difference.ts'
import { pairByAddress } from './listener-pairs.ts'
import type { Outcome } from './outcomes.ts'
import type { Region } from './plan.ts'
import { ownerOf } from './side.ts'
import type { Side } from './side.ts'

/** Connections of a tcp listener that are passed on otherwise. */
export interface TcpChange {
  readonly differences: readonly Difference[]
  readonly region: Omit<Region, 'witness'>
  /** Of the upstreams, where they have one. */
  readonly owners: readonly (string | undefined)[]
}

/** Compares what becomes of connections, by listener and by the name that a TLS client asks for. Listeners are paired by address, then by name. */
export function compareTcp (before: Side, after: Side): { readonly changes: readonly TcpChange[], readonly classes: number } {
  const [old, now] = [before.bundle.tcpListeners, after.bundle.tcpListeners]
  const compared = pairByAddress(old, now).map((pair) => compareListener(before, old[pair.before], after, now[pair.after]))
  return { changes: compared.flatMap(({ changes }) => changes), classes: compared.reduce((sum, { classes }) => sum + classes, 0) }
}

function compareListener (before: Side, was: BundleTcpListener | undefined, after: Side, is: BundleTcpListener | undefined): { readonly changes: readonly TcpChange[], readonly classes: number } {
  const names = [...new Set([...(was?.sni ?? []), ...(is?.sni ?? [])].flatMap(({ hosts }) => hosts.map(printHost)))].sort()
  const { name } = (is ?? was)!
  const changes = [...names, ''].flatMap((host): readonly TcpChange[] => {
    const [old, now] = [endOf(before, was, host), endOf(after, is, host)]
    const settings = was === undefined || is === undefined ? undefined : differs('connections', settingsText(was), settingsText(is))
    const differences = settings === undefined ? compareEnds(old, now) : [...compareEnds(old, now), settings]
    if (differences.length === 0) return []
    const because = was === undefined ? `tcp listener '${name}' is new` : is === undefined ? `tcp listener '${name}' is gone` : `tcp listener '${name}', or what it refers to, was edited`
    const owners = [old?.upstreamOwner, now?.upstreamOwner]
    return [{ differences, owners, region: { listeners: [name], hosts: [host === '' ? 'any name' : host], methods: ['TCP'], path: null, conditions: [], minus: [], before: null, after: null, because, classes: 1 } }]
  })
  return { changes, classes: names.length + 1 }
}

/** Exact names go before wildcards, longer wildcards before shorter ones. */
function endOf (side: Side, listener: BundleTcpListener | undefined, host: string): Outcome | undefined {
  if (listener === undefined) return undefined
  const entries = listener.sni.flatMap(({ hosts, upstream }) => hosts.map((pattern) => ({ pattern, upstream })))
  const exact = entries.find(({ pattern }) => printHost(pattern) === host)
  const above = entries.filter(({ pattern }) => pattern.wildcard && host.replace(/^\*/, '').endsWith(`.${pattern.name}`)).sort((a, b) => b.pattern.name.length - a.pattern.name.length)[0]
  const index = exact?.upstream ?? above?.upstream ?? listener.to
  const upstream = index === null ? undefined : side.bundle.upstreams[index]
  return upstream === undefined ? undefined : { reach: 'forward', listener: undefined, route: undefined, upstream, upstreamOwner: ownerOf(side, 'upstream', upstream.name), policies: [] }
}

function compareEnds (old: Outcome | undefined, now: Outcome | undefined): readonly Difference[] {
  if (old === undefined && now === undefined) return []
  if (old === undefined) return [{ facet: 'reach', before: 'closed', after: 'passed on', order: 'weaker', code: 'W01' }]
  if (now === undefined) return [{ facet: 'reach', before: 'passed on', after: 'closed', order: 'different', code: 'B01' }]
  const context = { registry: new Map() }
  return [targets, upstreamOwner, upstreamTls, reliability].flatMap((facet) => facet(old, now, context) ?? [])
}

function settingsText ({ address, port, trustedProxies, proxyProtocol, limits, timeouts }: BundleTcpListener): string {
  return `${address}:${port}, ${limits.connections ?? 'any number of'} connections, ${limits.connectionsPerAddress ?? 'any number'} an address, idle ${timeouts.idle}ms, hello ${timeouts.hello}ms${proxyProtocol ? `, PROXY protocol from ${[...trustedProxies].sort().join(' ')}` : ''}`
}
