import { printDuration } from '../../schema/duration.ts'
import type { HashKey, ResolvedAffinity, ResolvedBalance, ResolvedHealth, ResolvedTarget, ResolvedUpstream } from '../../schema/resolved.ts'

/** What becomes of a request at an upstream, as facts with a name. `timeout`: that of its route, instead of those of the upstream. */
export function upstreamFacts (upstream: ResolvedUpstream, timeout: number | null): readonly (readonly [name: string, text: string])[] {
  const { name, targets, timeouts: { connect, response, total }, retries, hedge, breaker, ejection, health, affinity, balance } = upstream
  const choice = [balanceText(balance), ...affinity === null ? [] : [affinityText(affinity)]]
  const again = retries.max === 0 ? 'none' : `${retries.max} on ${[...retries.on, ...retries.statuses].join(', ')}${retries.nonIdempotent ? ', of any method' : ''}`
  const watched = [
    ...health === null ? [] : [healthText(health)],
    ...ejection === null ? [] : ['ejection of those that fail'],
    ...breaker === null ? [] : [`breaker at ${breaker.failureRatio * 100} % failures${breaker.consecutive === null ? '' : ` or ${breaker.consecutive} in a row`}`]
  ]
  return [
    ['upstream', `${name}: ${targets.map(targetText).join(', ')}`],
    // With one target there is nothing to choose.
    ...targets.length < 2 && affinity === null ? [] : [['balance', choice.join('; ')] as const],
    ['timeouts', [`connect ${printDuration(connect)}`, `response ${limitText(timeout ?? response)}`, `total ${limitText(timeout ?? total)}`].join(', ')],
    ['retries', `${again}${hedge === null ? '' : `; hedged after ${printDuration(hedge.after)}`}`],
    ...watched.length === 0 ? [] : [['health', watched.join('; ')] as const]
  ]
}

function balanceText (balance: ResolvedBalance): string {
  if (balance.kind !== 'hash') return balance.kind
  return `hash by ${keyText(balance.by)}${balance.maxLoad === null ? '' : `, at most ${balance.maxLoad} times the mean`}`
}

const keyText = (key: HashKey): string => (key.kind === 'client-address' ? key.kind : `${key.kind} ${key.name}`)

function affinityText (affinity: ResolvedAffinity): string {
  const by = affinity.by === 'client-address' ? affinity.by : `${affinity.by} ${affinity.name}`
  return `stays by ${by}${affinity.onFailure === 'fail' ? ', or fails' : ''}`
}

function healthText ({ type, method, path, interval }: ResolvedHealth): string {
  return `${type === 'http' ? `${method} ${path}` : type} every ${printDuration(interval)}`
}

const limitText = (ms: number): string => (ms === 0 ? 'without limit' : printDuration(ms))

function targetText ({ scheme, host, port, weight, priority, zone, drain }: ResolvedTarget): string {
  const notes = [...weight === 1 ? [] : [`weight ${weight}`], ...priority === 0 ? [] : [`priority ${priority}`], ...zone === null ? [] : [`zone ${zone}`], ...drain ? ['drains'] : []]
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`
}
