import { announcesTrailers, endToEnd } from '../upstream/response-head.ts'
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
  for (let i = 0; i < head.count; i++) {
    const name = raw[2 * i]!
    const kind = head.kinds[i]!
    if ((kind !== endToEnd && !(trailers && kind === announcesTrailers)) || options?.includes(name.toLowerCase()) === true) continue
    if (head.status === 204 && isName(name, 'content-length')) continue
    kept.push(name, raw[2 * i + 1]!)
  }
  kept.push('Via', `${head.version} ${via}`)
  return kept
}

/** The head of a response as the client may see it, as it goes out. */
export interface ResponseText {
  /** Status line and fields, without the empty line and without framing but `Content-Length`. */
  readonly text: string
  /** It has a `Date`. */
  readonly dated: boolean
  /** It has a `Content-Length`. */
  readonly sized: boolean
}

/** The same fields as those of `responseFields`, written; undefined for the few heads whose lines cannot go on as they are. */
export function responseText (head: ResponseHead, via: string): ResponseText | undefined {
  if (!head.tidy || head.options || head.minor === 0 || (head.status === 204 && head.length >= 0)) return undefined
  const { start, offsets, count, kinds } = head
  const all = head.text()
  let text = ''
  let from = 0
  for (let i = 0, left = head.hops; left > 0; i++) {
    if (kinds[i] === endToEnd) continue
    left--
    text += all.slice(from, offsets[4 * i]! - start)
    from = (i + 1 === count ? head.end - 2 : offsets[4 * i + 4]!) - start
  }
  text += all.slice(from, all.length - 2)
  return { text: `${text}Via: ${head.version} ${via}\r\n`, dated: head.dated, sized: head.length >= 0 }
}

/** Names and values in turn of a head that `responseText` has written. */
export function fieldsOfText ({ text }: ResponseText): string[] {
  const fields: string[] = []
  for (let at = text.indexOf('\r\n') + 2; at < text.length;) {
    const end = text.indexOf('\r\n', at)
    const colon = text.indexOf(':', at)
    fields.push(text.slice(at, colon), text.slice(colon + 2, end))
    at = end + 2
  }
  return fields
}

/** The reason phrase of such a head. */
export function reasonOfText ({ text }: ResponseText): string { return text.slice(13, text.indexOf('\r\n')) }

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
