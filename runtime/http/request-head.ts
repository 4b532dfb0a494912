import type { Failure } from '../../schema/failure.ts'
import { fieldValue, isName } from './fields.ts'

/** What one look over a request's head says. Everything sent on is made from this. */
export interface RequestHead {
  /** Names and values in turn, without what `Connection` names and without names with `_`: what policies and upstream may see. */
  readonly fields: readonly string[]
  /**
   * The lines of those fields that go on to the upstream as they are when the peer is no trusted proxy and no policy has changed
   * anything; undefined: they are to be chosen from `fields`.
   */
  readonly plain: string | undefined
  /** The one `Host`, or undefined. */
  readonly host: string | undefined
  /** `Content-Length`, or -1. */
  readonly contentLength: number
  readonly chunked: boolean
  /** The client waits for `100 Continue` (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean
  /** The protocol that the client would rather speak, in lower case: `websocket`. */
  readonly upgrade: string | undefined
  /** The client takes trailers. */
  readonly trailers: boolean
  /** The client's connection ends with this exchange (RFC 9112 §9.3). */
  readonly close: boolean
  /** Value of the fields of this lower-case name. */
  header (name: string): string | undefined
}

/** Reads a raw head of HTTP/1.`minor`. What two parsers could read in two ways is a failure; the HTTP parser before has refused most of it. */
export function readRequestHead (raw: readonly string[], minor: number, maxFields: number): RequestHead | Failure {
  if (raw.length > maxFields * 2) return { kind: 'head-too-large', detail: `more than ${maxFields} fields` }
  let host: string | undefined
  let contentLength = -1
  let chunked = false
  let expectsContinue = false
  let trailers = false
  let clean = true
  let options: readonly string[] = none
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    const value = raw[i + 1]!
    if (name.includes('_')) clean = false
    switch (name.length) {
      case 2:
        if (minor === 1 && isName(name, 'te')) trailers = takesTrailers(value)
        break
      case 4:
        if (!isName(name, 'host')) break
        if (host !== undefined) return ambiguous('host', 'several Host fields')
        host = value
        break
      case 6:
        if (!isName(name, 'expect') || minor === 0) break
        if (value.toLowerCase() !== '100-continue') return ambiguous('expect', 'unknown expectation')
        expectsContinue = true
        break
      case 10:
        if (isName(name, 'connection')) options = options.concat(optionsOf(value))
        break
      case 14:
        if (!isName(name, 'content-length')) break
        if (contentLength >= 0 || chunked || !/^\d{1,15}$/.test(value)) return ambiguous('content-length', 'ambiguous Content-Length')
        contentLength = Number(value)
        break
      case 17:
        if (!isName(name, 'transfer-encoding')) break
        if (contentLength >= 0 || chunked || minor === 0 || value.toLowerCase() !== 'chunked') return ambiguous('transfer-encoding', 'unsupported Transfer-Encoding')
        chunked = true
        break
    }
  }
  const close = minor === 0 ? !options.includes('keep-alive') : options.includes('close')
  const fields = clean && options.every((option) => option === 'close' || option === 'keep-alive') ? raw : sift(raw, options)
  return { fields, plain: undefined, host, contentLength, chunked, expectsContinue, upgrade: undefined, trailers, close, header: (name) => fieldValue(fields, name) }
}

/** Of a value of `TE`. */
export function takesTrailers (value: string): boolean { return /(?:^|,)\s*trailers\s*(?:,|;|$)/i.test(value) }

function ambiguous (field: string, detail: string): Failure {
  return { kind: 'bad-request', detail, field }
}

const none: readonly string[] = Object.freeze([])
const keepAlive: readonly string[] = Object.freeze(['keep-alive'])

/** The options in a `Connection` value, in lower case. */
function optionsOf (value: string): readonly string[] {
  if (value === 'keep-alive' || value === 'Keep-Alive') return keepAlive
  return value.toLowerCase().split(',').map((option) => option.trim()).filter((option) => option !== '')
}

/** `Connection` may name whatever it likes; framing and host are read already and written by us. Names with `_` have a twin with `-` in CGI-like upstreams. */
function sift (raw: readonly string[], options: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    if (!name.includes('_') && !options.includes(name.toLowerCase())) kept.push(name, raw[i + 1]!)
  }
  return kept
}
