import type { ResponseHead } from '../upstream/response-head.ts'
import { fieldValue, isName } from './fields.ts'

/**
 * The fields of a target's response that the client may see, names and values in turn: hop-by-hop fields and what `Connection` names
 * are gone (RFC 9110 §7.6.1), `Via` is added. The framing but for `Content-Length` is written anew.
 */
export function responseFields (head: ResponseHead, via: string, trailers: boolean): string[] {
  const raw = head.rawFields()
  const options = head.options ? fieldValue(raw, 'connection')!.toLowerCase().split(',').map((option) => option.trim()) : undefined
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    if (isHopByHop(name, trailers) || options?.includes(name.toLowerCase()) === true) continue
    if (head.status === 204 && isName(name, 'content-length')) continue
    kept.push(name, raw[i + 1]!)
  }
  kept.push('Via', `${head.version} ${via}`)
  return kept
}

function isHopByHop (name: string, trailers: boolean): boolean {
  switch (name.length) {
    case 2: return isName(name, 'te')
    case 7: return isName(name, 'upgrade') || (!trailers && isName(name, 'trailer'))
    case 10: return isName(name, 'connection') || isName(name, 'keep-alive')
    case 16: return isName(name, 'proxy-connection')
    case 17: return isName(name, 'transfer-encoding')
    case 18: return isName(name, 'proxy-authenticate')
    case 25: return isName(name, 'proxy-authentication-info')
    default: return false
  }
}

/** Trailers that may be passed on: none that frame, route or authenticate (RFC 9110 §6.5.1). Name and value pairs. */
export function responseTrailers (raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) if (!forbiddenTrailers.has(raw[i]!.toLowerCase())) pairs.push([raw[i]!, raw[i + 1]!])
  return pairs
}

const forbiddenTrailers = new Set([
  'age', 'authorization', 'cache-control', 'connection', 'content-encoding', 'content-length', 'content-range', 'content-type', 'date', 'expires', 'host', 'keep-alive',
  'location', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'retry-after', 'set-cookie', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'vary', 'via', 'www-authenticate',
])
