import type { Failure } from '../../schema/failure.ts'
import { normalizeTarget } from '../../schema/normalize.ts'
import { parseAuthority } from './authority.ts'
import { readRequestHead } from './request-head.ts'
import type { RequestHead } from './request-head.ts'

/** A request that may be routed: parsed once, with one meaning. */
export interface Accepted {
  readonly head: RequestHead
  /** Lower case, without port; empty when an HTTP/1.0 client sent none. */
  readonly host: string
  readonly path: string
  readonly search: string
}

/** What the HTTP parser made of a request. */
export interface Received {
  readonly method: string
  readonly target: string
  /** `1.1` */
  readonly version: string
  /** Names and values in turn. */
  readonly raw: readonly string[]
  /** Of the listener. */
  readonly scheme: 'http' | 'https'
}

export interface Limits {
  readonly headers: number
  readonly bodyBytes: number | null
}

/** Decides whether a request is one that every parser reads alike and that keeps the limits. */
export function acceptRequest ({ method, target, version, raw, scheme }: Received, limits: Limits): Accepted | Failure {
  if (version !== '1.1' && version !== '1.0') return bad('not HTTP/1.1 or HTTP/1.0')
  const minor = version === '1.0' ? 0 : 1
  const head = readRequestHead(raw, minor, limits.headers)
  return 'kind' in head ? head : acceptHead(head, { method, target, minor, scheme }, limits)
}

/** Decides it for a head that has been read. */
export function acceptHead (head: RequestHead, { method, target, minor, scheme }: Pick<Received, 'method' | 'target' | 'scheme'> & { readonly minor: 0 | 1 }, limits: Limits): Accepted | Failure {
  const normal = normalizeTarget(target)
  if ('invalid' in normal) return bad(normal.invalid)
  if (normal.path === '*' && method !== 'OPTIONS') return bad('only OPTIONS has the target *')
  if (normal.scheme !== undefined && normal.scheme !== scheme) return bad('the request target is for another scheme')
  if (head.host === undefined && minor === 1) return bad('no Host field', 'host')
  const authority = head.host === undefined ? undefined : parseAuthority(head.host)
  if (head.host !== undefined && authority === undefined) return bad('malformed Host field', 'host')
  if (normal.authority !== undefined && !sameAuthority(normal.authority, head.host, scheme)) return bad('the request target and Host disagree', 'host')
  if (limits.bodyBytes !== null && head.contentLength > limits.bodyBytes) return { kind: 'body-too-large', limit: limits.bodyBytes }
  return { head, host: authority?.host ?? '', path: normal.path, search: normal.search }
}

function bad (detail: string, field?: string): Failure {
  return field === undefined ? { kind: 'bad-request', detail } : { kind: 'bad-request', detail, field }
}

/** An HTTP/1.0 client that sends an absolute-form target without `Host` must not choose a host we did not look at. */
function sameAuthority (target: string, host: string | undefined, scheme: 'http' | 'https'): boolean {
  const a = parseAuthority(target)
  const b = host === undefined ? undefined : parseAuthority(host)
  const usual = scheme === 'https' ? 443 : 80
  return a !== undefined && b !== undefined && a.host === b.host && (a.port ?? usual) === (b.port ?? usual)
}
