import { consumerField } from '../../schema/consumer-field.ts'
import type { EditList } from './edits.ts'
import { isName } from './fields.ts'
import { countsHops } from './max-forwards.ts'
import type { RequestHead } from './request-head.ts'

/** What a request head to an upstream is written from. */
export interface UpstreamHead {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly host: string
  readonly head: RequestHead
  readonly edits: EditList | undefined
  /** The peer is a trusted proxy: what it says about forwarding is kept and added to. */
  readonly trusted: boolean
  readonly peer: string
  readonly scheme: 'http' | 'https'
  /** Value of `Client-Cert` (RFC 9440), when the client has shown a certificate. */
  readonly clientCertificate: string | undefined
  readonly requestId: string
  /** Whether to ask the target for the protocol that the client asks for. */
  readonly upgrade: boolean
  /** Version of the client's request and name of this gateway, for `Via`: `1.1 gwc`. */
  readonly via: string
}

/** Fields that the gateway writes itself, after all edits. */
const reserved: ReadonlySet<string> = new Set(['expect', 'host', 'client-cert', 'client-cert-chain', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-request-id'])

/**
 * Writes the head of a request to an upstream. Hop-by-hop fields (RFC 9110 §7.6.1) and, from peers that are not trusted, everything
 * about forwarding and about who asks go; then edits apply; then come the gateway's own fields and the framing, once.
 */
export function writeUpstreamHead (request: UpstreamHead): string {
  const { trusted, head: { host, contentLength, chunked, expectsContinue, trailers } } = request
  let text = `${request.method} ${request.target} HTTP/1.1\r\nHost: ${request.host}\r\n`
  let via = ''
  let forwardedFor = ''
  let forwardedHost = ''
  let forwardedProto = ''
  const kept: string[] | undefined = request.edits === undefined || request.edits.length === 0 ? undefined : []
  const { plain } = request.head
  const isPlain = plain !== undefined && kept === undefined && !trusted
  if (isPlain) text += plain
  const fields = isPlain ? none : request.head.fields
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!
    const value = fields[i + 1]!
    const kind = kindOf(name)
    if (kind === 'forwarding' && request.clientCertificate !== undefined && /^client-cert/i.test(name)) continue
    if (kind === 'keep' || (kind === 'forwarding' && trusted)) {
      if (kept === undefined) text += `${name}: ${value}\r\n`
      else kept.push(name, value)
    } else if (kind === 'via') via += `${value}, `
    else if (kind === 'hops') text += `Max-Forwards: ${countsHops(request.method) ? Number(value) - 1 : value}\r\n`
    else if (!trusted) continue
    else if (kind === 'for') forwardedFor += `${value}, `
    else if (kind === 'host' && forwardedHost === '') forwardedHost = value
    else if (kind === 'proto' && forwardedProto === '') forwardedProto = value
  }
  if (kept !== undefined) {
    const edited = request.edits!.apply(kept, reserved)
    for (let i = 0; i < edited.length; i += 2) text += `${edited[i]!}: ${edited[i + 1]!}\r\n`
  }
  text += `X-Forwarded-For: ${forwardedFor}${request.peer}\r\nX-Forwarded-Proto: ${forwardedProto || request.scheme}\r\n`
  const originalHost = forwardedHost || host
  if (originalHost !== undefined) text += `X-Forwarded-Host: ${originalHost}\r\n`
  text += `X-Request-Id: ${request.requestId}\r\nVia: ${via}${request.via}\r\n`
  if (request.clientCertificate !== undefined) text += `Client-Cert: ${request.clientCertificate}\r\n`
  if (expectsContinue) text += 'Expect: 100-continue\r\n'
  if (request.upgrade) text += `Upgrade: ${request.head.upgrade!}\r\nConnection: Upgrade\r\n`
  if (trailers) text += 'TE: trailers\r\nConnection: TE\r\n'
  if (chunked) text += 'Transfer-Encoding: chunked\r\n'
  else if (contentLength >= 0) text += `Content-Length: ${contentLength}\r\n`
  return `${text}\r\n`
}

const none: readonly string[] = Object.freeze([])

/** What is done with a request field by its name. */
export type Kind = 'keep' | 'drop' | 'hops' | 'via' | 'for' | 'host' | 'proto' | 'forwarding'

/** Decides by length first: nearly every field is kept after one comparison. */
export function kindOf (name: string): Kind {
  switch (name.length) {
    case 2: return isName(name, 'te') ? 'drop' : 'keep'
    case 3: return isName(name, 'via') ? 'via' : 'keep'
    case 4: return isName(name, 'host') ? 'drop' : 'keep'
    case 6: return isName(name, 'expect') ? 'drop' : 'keep'
    case 7: return isName(name, 'upgrade') || isName(name, 'trailer') ? 'drop' : 'keep'
    case 11: return isName(name, 'client-cert') ? 'forwarding' : 'keep'
    case 9: return isName(name, 'forwarded') || isName(name, 'x-real-ip') ? 'forwarding' : 'keep'
    case 10: return isName(name, 'connection') || isName(name, 'keep-alive') ? 'drop' : 'keep'
    case 12: return isName(name, 'x-request-id') ? 'drop' : isName(name, 'max-forwards') ? 'hops' : 'keep'
    case 13: return isName(name, consumerField) ? 'forwarding' : 'keep'
    case 14: if (isName(name, 'content-length') || isName(name, 'http2-settings')) return 'drop'; break
    case 15: if (isName(name, 'x-forwarded-for')) return 'for'; break
    case 16: if (isName(name, 'proxy-connection')) return 'drop'; if (isName(name, 'x-forwarded-host')) return 'host'; break
    case 17: if (isName(name, 'transfer-encoding')) return 'drop'; if (isName(name, 'client-cert-chain')) return 'forwarding'; if (isName(name, 'x-forwarded-proto')) return 'proto'; break
    case 19: if (isName(name, 'proxy-authorization')) return 'drop'; break
  }
  return name.length > 12 && (name.charCodeAt(0) | 0x20) === 0x78 && name.slice(0, 12).toLowerCase() === 'x-forwarded-' ? 'forwarding' : 'keep'
}
