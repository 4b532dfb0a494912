import { STATUS_CODES } from 'node:http'
import type { Answer } from '../schema/exchange.ts'
import type { Failure } from '../schema/failure.ts'
import { framingFields, safeValue } from './http/field-value.ts'

/** A response of the gateway's own. */
export interface Reply {
  readonly status: number
  /** Short code for logs and metrics: the answer's reason, or the failure's kind. */
  readonly reason: string
  /** Names and values in turn, without framing. */
  readonly fields: readonly string[]
  readonly body: string
}

/**
 * The one place where a failure, or a policy's answer, becomes a response: `application/problem+json` (RFC 9457) and, for failures,
 * `Proxy-Status` (RFC 9209). Nothing in it tells a client about targets; that is for the log.
 */
export function replyTo (cause: Answer | Failure, gateway: string, requestId: string): Reply {
  return 'kind' in cause ? failureReply(cause, gateway, requestId) : answerReply(cause, requestId)
}

function failureReply (failure: Failure, gateway: string, requestId: string): Reply {
  const { status, error } = meaning[failure.kind]
  const fields = ['Content-Type', 'application/problem+json', 'Proxy-Status', `${structuredName(gateway)}; error=${error(failure)}`, 'X-Request-Id', requestId]
  if (failure.kind === 'method-not-allowed') fields.push('Allow', failure.allow.join(', '))
  if (failure.kind === 'overloaded' || failure.kind === 'breaker-open') fields.push('Retry-After', String(failure.retryAfter))
  if (failure.kind === 'no-target') fields.push('Retry-After', '1')
  const body = { title: STATUS_CODES[status], status, ...publicDetail(failure), reason: failure.kind, requestId }
  return { status, reason: failure.kind, fields, body: JSON.stringify(body) }
}

function answerReply (answer: Answer, requestId: string): Reply {
  const { status, reason, problem } = answer
  const fields = (answer.headers ?? []).flatMap(([name, value]) => (framingFields.has(name.toLowerCase()) ? [] : [name, safeValue(value)]))
  if (problem === undefined) return { status, reason, fields, body: answer.body ?? '' }
  const { type, title, detail, extensions } = problem
  fields.push('Content-Type', 'application/problem+json', 'X-Request-Id', requestId)
  return { status, reason, fields, body: JSON.stringify({ ...extensions, type, title, status, detail, reason, requestId }) }
}

/** What a client may know: its own mistakes in words, nothing about what is behind the gateway. */
function publicDetail (failure: Failure): { detail?: string } {
  switch (failure.kind) {
    case 'bad-request':
    case 'head-too-large':
    case 'request-timeout': return { detail: failure.detail }
    case 'body-too-large': return { detail: `the body may have ${failure.limit} bytes` }
    default: return {}
  }
}

interface Meaning { readonly status: number, readonly error: (failure: Failure) => string }

const plain = (status: number, error: string): Meaning => ({ status, error: () => error })

const meaning: Readonly<Record<Failure['kind'], Meaning>> = {
  'bad-request': plain(400, 'http_request_error'),
  'head-too-large': plain(431, 'http_request_error'),
  'body-too-large': plain(413, 'http_request_error'),
  'request-timeout': plain(408, 'http_request_error'),
  'no-route': plain(404, 'destination_not_found'),
  'method-not-allowed': plain(405, 'http_request_error'),
  'misdirected': plain(421, 'http_request_error'),
  'no-target': plain(503, 'destination_unavailable'),
  'breaker-open': plain(503, 'destination_unavailable'),
  'overloaded': plain(503, 'connection_limit_reached'),
  'connect-failed': { status: 502, error: (failure) => connectError('detail' in failure ? failure.detail : '') },
  'connect-timeout': plain(504, 'connection_timeout'),
  'refused-stream': plain(502, 'connection_limit_reached'),
  'response-timeout': plain(504, 'http_response_timeout'),
  'upstream-reset': plain(502, 'connection_terminated'),
  'upstream-invalid': plain(502, 'http_protocol_error'),
  'client-gone': plain(499, 'http_request_error'),
  'internal': plain(500, 'proxy_internal_error'),
}

function connectError (code: string): string {
  if (code === 'ECONNREFUSED') return 'connection_refused'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns_error'
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'destination_ip_unroutable'
  if (/CERT|SIGNED|ALTNAME|UNABLE_TO/.test(code)) return 'tls_certificate_error'
  return code.startsWith('ERR_SSL') || code === 'EPROTO' ? 'tls_protocol_error' : 'destination_unavailable'
}

/** A name as a token where it is one, else as a string (RFC 9651 §3.3). */
function structuredName (name: string): string {
  return /^[A-Za-z*][\w!#$%&'*+\-.^`|~:/]*$/.test(name) ? name : `"${name.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
}
