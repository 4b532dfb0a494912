import { spells, tokenOctets, valueOctets } from './octets.ts'
import { readLatin1 } from './stream-binding.ts'

/** Limits on a response head. More is a broken response. */
export const maxResponseHead = 64 * 1024
const maxResponseFields = 256

/** Kinds of fields: whether they are for the client or for this connection alone (RFC 9110 §7.6.1). */
export const endToEnd = 0; export const hopByHop = 1; export const announcesTrailers = 2

/**
 * A parsed response head: positions in the bytes it was read from, valid until the next read. One instance is used again and again;
 * whoever needs more than the moment copies what it needs.
 */
export class ResponseHead {
  bytes: Buffer = Buffer.alloc(0)
  /** First octet of the status line, and the octet after the empty line. */
  start = 0
  end = 0
  status = 0
  minor = 1
  /** As `Via` tells it. */
  version = '1.1'
  reasonStart = 0
  reasonEnd = 0
  /** Number of fields; of each, four offsets: start and end of its name, start and end of its value. */
  count = 0
  readonly offsets = new Int32Array(maxResponseFields * 4)
  /** `Content-Length`, or -1. */
  length = -1
  chunked = false
  /** The connection ends with this response. */
  close = false
  keepAlive = false
  /** `Connection` names further fields, which must not be passed on. */
  options = false
  /** It has a `Date`. */
  dated = false
  /** Every line is written as we would write it: one space after the colon, none at its end. */
  tidy = true
  /** Of each field: `endToEnd`, `hopByHop` or `announcesTrailers`. */
  readonly kinds = new Uint8Array(maxResponseFields)
  /** Number of fields that are not end-to-end. */
  hops = 0
  /** What is wrong, when `parse` said so. */
  fault = ''

  /**
   * Parses strictly (RFC 9112 §4, §5): no folded lines, bare CR or LF, spaces around names, duplicate or conflicting framing.
   * Returns `complete`, `incomplete` or `invalid`.
   */
  parse (bytes: Buffer, start: number, end: number): 'complete' | 'incomplete' | 'invalid' {
    this.bytes = bytes
    this.start = start
    this.count = 0
    this.length = -1
    this.hops = 0
    this.chunked = this.close = this.keepAlive = this.options = this.dated = false
    this.tidy = true
    const fields = this.#statusLine(bytes, start, end)
    if (fields < 0) return fields === -1 ? 'incomplete' : 'invalid'
    const after = this.#fields(bytes, fields, end)
    if (after < 0) return after === -1 ? 'incomplete' : 'invalid'
    this.end = after
    this.version = this.minor === 0 ? '1.0' : '1.1'
    if (this.minor === 0) {
      if (this.chunked) { this.fault = 'Transfer-Encoding in HTTP/1.0'; return 'invalid' }
      if (!this.keepAlive) this.close = true
    }
    return 'complete'
  }

  /** Names and values in turn, as they stand in the head. */
  rawFields (): string[] {
    const text = this.text()
    const { offsets, start } = this
    const fields = new Array<string>(this.count * 2)
    for (let i = 0; i < this.count; i++) {
      fields[2 * i] = text.slice(offsets[4 * i]! - start, offsets[4 * i + 1]! - start)
      fields[2 * i + 1] = text.slice(offsets[4 * i + 2]! - start, offsets[4 * i + 3]! - start)
    }
    return fields
  }

  /** The whole head as latin1. */
  text (): string { return readLatin1(this.bytes, this.start, this.end) }

  /** The reason phrase, possibly empty. */
  reason (): string { return readLatin1(this.bytes, this.reasonStart, this.reasonEnd) }

  #invalid (fault: string): number {
    this.fault = fault
    return -2
  }

  #statusLine (b: Buffer, p: number, end: number): number {
    if (end - p < 14) return end > p && b[p] !== 0x48 ? this.#invalid('not an HTTP response') : -1
    if (b[p] !== 0x48 || b[p + 1] !== 0x54 || b[p + 2] !== 0x54 || b[p + 3] !== 0x50 || b[p + 4] !== 0x2f || b[p + 5] !== 0x31 || b[p + 6] !== 0x2e) return this.#invalid('not an HTTP/1 response')
    this.minor = b[p + 7]! - 0x30
    if (this.minor !== 0 && this.minor !== 1) return this.#invalid('unknown HTTP version')
    const hundreds = b[p + 9]! - 0x30
    const tens = b[p + 10]! - 0x30
    const ones = b[p + 11]! - 0x30
    if (b[p + 8] !== 0x20 || hundreds < 1 || hundreds > 9 || tens < 0 || tens > 9 || ones < 0 || ones > 9) return this.#invalid('malformed status line')
    this.status = hundreds * 100 + tens * 10 + ones
    p += 12
    if (b[p] === 0x20) p++
    else if (b[p] === 0x0d) this.tidy = false
    else return this.#invalid('malformed status line')
    this.reasonStart = p
    while (p < end && valueOctets[b[p]!] === 1) p++
    this.reasonEnd = p
    if (p + 1 >= end) return p < end && b[p] !== 0x0d ? this.#invalid('malformed status line') : -1
    return b[p] === 0x0d && b[p + 1] === 0x0a ? p + 2 : this.#invalid('malformed status line')
  }

  #fields (b: Buffer, p: number, end: number): number {
    const offsets = this.offsets
    for (;;) {
      if (p >= end) return -1
      if (b[p] === 0x0d) {
        if (p + 1 >= end) return -1
        return b[p + 1] === 0x0a ? p + 2 : this.#invalid('bare CR')
      }
      const nameStart = p
      while (p < end && tokenOctets[b[p]!] === 1) p++
      if (p >= end) return -1
      if (b[p] !== 0x3a || p === nameStart) return this.#invalid('malformed field name')
      const nameEnd = p++
      while (p < end && (b[p] === 0x20 || b[p] === 0x09)) p++
      const valueStart = p
      while (p < end && valueOctets[b[p]!] === 1) p++
      if (p + 1 >= end) return p < end && b[p] !== 0x0d ? this.#invalid('malformed field value') : -1
      if (b[p] !== 0x0d || b[p + 1] !== 0x0a) return this.#invalid('malformed field value')
      let valueEnd = p
      while (valueEnd > valueStart && (b[valueEnd - 1] === 0x20 || b[valueEnd - 1] === 0x09)) valueEnd--
      if (valueStart !== nameEnd + 2 || b[nameEnd + 1] !== 0x20 || valueEnd !== p) this.tidy = false
      p += 2
      if (this.count === maxResponseFields) return this.#invalid('too many fields')
      const at = this.count * 4
      offsets[at] = nameStart
      offsets[at + 1] = nameEnd
      offsets[at + 2] = valueStart
      offsets[at + 3] = valueEnd
      const kind = this.#field(b, nameStart, nameEnd - nameStart, valueStart, valueEnd)
      if (kind < 0) return kind
      if (kind !== endToEnd) this.hops++
      this.kinds[this.count++] = kind
    }
  }

  /** Takes what a field means for the connection. Returns its kind, negative when it is invalid. */
  #field (b: Buffer, name: number, length: number, valueStart: number, valueEnd: number): number {
    switch (length) {
      case 2: return spells(b, name, 'te') ? hopByHop : endToEnd
      case 4:
        if (spells(b, name, 'date')) this.dated = true
        return endToEnd
      case 7: return spells(b, name, 'upgrade') ? hopByHop : spells(b, name, 'trailer') ? announcesTrailers : endToEnd
      case 10:
        if (spells(b, name, 'keep-alive')) return hopByHop
        if (!spells(b, name, 'connection')) return endToEnd
        this.#connection(b, valueStart, valueEnd)
        return hopByHop
      case 14:
        if (!spells(b, name, 'content-length')) return endToEnd
        return this.#contentLength(b, valueStart, valueEnd) ? endToEnd : this.#invalid('ambiguous Content-Length')
      case 16: return spells(b, name, 'proxy-connection') ? hopByHop : endToEnd
      case 17:
        if (!spells(b, name, 'transfer-encoding')) return endToEnd
        return this.#transferEncoding(b, valueStart, valueEnd) ? hopByHop : this.#invalid('unsupported Transfer-Encoding')
      case 18: return spells(b, name, 'proxy-authenticate') ? hopByHop : endToEnd
      case 25: return spells(b, name, 'proxy-authentication-info') ? hopByHop : endToEnd
      default: return endToEnd
    }
  }

  #contentLength (b: Buffer, start: number, end: number): boolean {
    if (this.length >= 0 || this.chunked || end === start || end - start > 15 || !spacesToEnd(b, end)) return false
    let value = 0
    for (let i = start; i < end; i++) {
      const digit = b[i]! - 0x30
      if (digit < 0 || digit > 9) return false
      value = value * 10 + digit
    }
    this.length = value
    return true
  }

  #transferEncoding (b: Buffer, start: number, end: number): boolean {
    if (this.length >= 0 || this.chunked || end - start !== 7 || !spells(b, start, 'chunked') || !spacesToEnd(b, end)) return false
    this.chunked = true
    return true
  }

  #connection (b: Buffer, start: number, end: number): void {
    for (let i = start; i < end;) {
      while (i < end && (b[i] === 0x20 || b[i] === 0x09 || b[i] === 0x2c)) i++
      let stop = i
      while (stop < end && b[stop] !== 0x2c) stop++
      let last = stop
      while (last > i && (b[last - 1] === 0x20 || b[last - 1] === 0x09)) last--
      if (last - i === 5 && spells(b, i, 'close')) this.close = true
      else if (last - i === 10 && spells(b, i, 'keep-alive')) this.keepAlive = true
      else if (last > i) this.options = true
      i = stop
    }
  }
}

/** Whether only spaces follow up to the end of the line: some parsers do not take a tab for white space after a framing field. */
function spacesToEnd (b: Buffer, at: number): boolean {
  while (b[at] === 0x20) at++
  return b[at] === 0x0d
}
