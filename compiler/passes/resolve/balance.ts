import type { UpstreamDocument } from '../../../schema/generated/gateway.ts'
import type { HashKey, ResolvedBalance } from '../../../schema/resolved.ts'

/** How an upstream spreads requests, in its one form. */
export function resolveBalance (balance: UpstreamDocument['balance'] = 'round-robin'): ResolvedBalance {
  if (typeof balance === 'object') return { kind: 'hash', by: resolveHashKey(balance.hash), maxLoad: balance.maxLoad ?? null }
  return balance === 'ip-hash' ? { kind: 'hash', by: { kind: 'client-address' }, maxLoad: null } : { kind: balance }
}

function resolveHashKey (text: string): HashKey {
  const colon = text.indexOf(':')
  if (colon < 0) return { kind: 'client-address' }
  const kind = text.slice(0, colon) as 'header' | 'cookie' | 'query' | 'param'
  const name = text.slice(colon + 1)
  return { kind, name: kind === 'header' ? name.toLowerCase() : name }
}
