import type { BundleRoute, BundleUpstream } from '../../../schema/bundle.ts'
import { canonicalJson } from '../../../schema/canonical.ts'
import type { ResolvedTarget } from '../../../schema/resolved.ts'
import type { Outcome } from '../outcomes.ts'
import { differs, durationText, partsDiffer, sizeText } from './facet.ts'
import type { Facet, Parts } from './facet.ts'

/** Which servers get the request. Their upstream's name does not count. */
export const targets: Facet = ({ upstream: before }, { upstream: after }) => {
  if (before === undefined || after === undefined) return undefined
  const [old, now] = [targetsText(before), targetsText(after)]
  const secured = ({ targets }: BundleUpstream): boolean => targets.every(({ scheme }) => scheme === 'https')
  const judged = secured(before) && !secured(after) ? { order: 'weaker', code: 'W09' } as const : undefined
  const named = before.name === after.name ? '' : `${before.name} `
  return old === now ? undefined : differs('upstream', `${named}${old}`, `${named === '' ? '' : `${after.name} `}${now}`, judged)
}

function targetsText ({ targets, protocol }: BundleUpstream): string {
  return `${targets.map(targetText).sort().join(', ')}${protocol === 'h2' ? ' (HTTP/2)' : ''}`
}

function targetText ({ scheme, host, port, weight, priority, zone, drain }: ResolvedTarget): string {
  const notes = [weight === 1 ? '' : `weight ${weight}`, priority === 0 ? '' : `priority ${priority}`, zone === null ? '' : `zone ${zone}`, drain ? 'draining' : ''].filter((note) => note !== '')
  return `${scheme}://${host}:${port}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`
}

/** Requests that go to somebody else's servers now. Servers that only change hands are no change for requests. */
export const upstreamOwner: Facet = (before, after) => {
  const [old, now] = [before.upstreamOwner, after.upstreamOwner]
  const moved = before.upstream !== undefined && after.upstream !== undefined && targetsText(before.upstream) !== targetsText(after.upstream)
  if (old === undefined || now === undefined || !moved) return undefined
  return differs('upstream owner', old, now, { order: 'weaker', code: 'W12' })
}

/** What the upstream is asked for. */
export const request: Facet = (before, after) => {
  if (before.upstream === undefined || after.upstream === undefined) return undefined
  return differs('path', rewriteText(before.route!), rewriteText(after.route!)) ?? differs('host field', before.upstream.hostHeader, after.upstream.hostHeader)
}

function rewriteText ({ rewrite, params }: BundleRoute): string {
  return rewrite === null ? 'as it comes' : rewrite.map((part) => 'text' in part ? part.text : `{segment ${params[part.param]!.segment + 1}}`).join('')
}

/** TLS towards targets. */
export const upstreamTls: Facet = ({ upstream: before }, { upstream: after }) => {
  if (before === undefined || after === undefined || ![...before.targets, ...after.targets].some(({ scheme }) => scheme === 'https')) return undefined
  const weaker = (before.tls.verify && !after.tls.verify) || (before.tls.certificate !== null && after.tls.certificate === null)
  return partsDiffer('upstream tls', upstreamTlsParts(before), upstreamTlsParts(after), weaker ? { order: 'weaker', code: 'W09' } : undefined)
}

function upstreamTlsParts ({ tls: { verify, serverName, ca, certificate, key } }: BundleUpstream): Parts {
  return {
    verified: verify ? 'yes' : 'no', by: ca?.$secret ?? 'the system\'s authorities', as: serverName ?? 'the target\'s host',
    'certificate of ours': certificate === null ? 'none' : `${certificate.$secret} with ${key?.$secret ?? ''}`
  }
}

/** How long an answer may take. */
export const timeouts: Facet = (before, after) => {
  const [old, now] = [times(before), times(after)]
  if (old === undefined || now === undefined) return undefined
  // 0 is no limit.
  const lowered = now.some(([, ms], i) => (ms || Infinity) < (old[i]![1] || Infinity))
  return partsDiffer('timeouts', timesParts(old), timesParts(now), { order: 'different', code: lowered ? 'B05' : undefined })
}

type Times = readonly (readonly [name: string, ms: number])[]

function times ({ route, upstream }: Outcome): Times | undefined {
  if (route === undefined || upstream === undefined) return undefined
  const { connect, response, idle, total } = upstream.timeouts
  return [['connect', connect], ['response', route.timeout ?? response], ['idle', idle], ['total', total]]
}

function timesParts (list: Times): Parts {
  return Object.fromEntries(list.map(([name, ms]) => [name, durationText(ms)]))
}

/** Tries after the first. */
export const retries: Facet = ({ upstream: before }, { upstream: after }) => {
  if (before === undefined || after === undefined) return undefined
  const unsafe = !before.retries.nonIdempotent && after.retries.nonIdempotent && after.retries.max > 0
  return partsDiffer('retries', retriesParts(before), retriesParts(after), unsafe ? { order: 'weaker', code: 'W17' } : undefined)
}

function retriesParts ({ retries: { max, on, statuses, nonIdempotent, budget, backoff, buffer, minConcurrent }, hedge }: BundleUpstream): Parts {
  const hedged = { hedged: hedge === null ? 'no' : `after ${durationText(hedge.after)}, ${hedge.max} at most` }
  if (max === 0) return { most: '0', ...hedged }
  return {
    most: String(max), on: [...on, ...statuses].map(String).sort().join(' '), 'requests that are not idempotent': nonIdempotent ? 'too' : 'never', budget: String(budget),
    backoff: `${durationText(backoff.base)} to ${durationText(backoff.max)}`, buffer: sizeText(buffer), 'at once always': String(minConcurrent), ...hedged
  }
}

/** Everything else that an upstream is told: one facet each, none of them a protection. */
const plain = ['balance', 'affinity', 'health', 'ejection', 'breaker', 'failover', 'slowStart', 'connections', 'limits', 'upgrades', 'proxyProtocol'] as const

export const reliability: Facet = (before, after) => {
  const [old, now] = [before.upstream, after.upstream]
  if (old === undefined || now === undefined) return undefined
  return plain.flatMap((name) => differs(name, optionText(name === 'balance' ? placed(before) : old[name]), optionText(name === 'balance' ? placed(after) : now[name])) ?? [])
}

/** A parameter's name means nothing, its place does. */
function placed ({ upstream, route }: Outcome): BundleUpstream['balance'] | object {
  const { balance } = upstream!
  if (balance.kind !== 'hash' || balance.by.kind !== 'param') return balance
  const { name } = balance.by
  return { ...balance, by: { kind: 'param', segment: route!.params.find((param) => param.name === name)?.segment ?? name } }
}

function optionText (value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : [...value as readonly unknown[]].map(String).sort().join(', ')
  return typeof value === 'object' ? canonicalJson(value).replace(/[{}"]/g, '').replaceAll(',', ', ').replaceAll(':', ' ') : String(value)
}
