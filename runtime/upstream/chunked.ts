import { tokenOctets, valueOctets } from './octets.ts'

/** Bounds on what surrounds the data of a chunked body. More is a broken response. */
const maxExtensionBytes = 16 * 1024
const maxTrailerBytes = 16 * 1024

const size = 0; const sizeLf = 1; const data = 2; const dataCr = 3; const dataLf = 4; const trailer = 5; const trailerLf = 6
// A chunk extension: `;name`, `;name=token` or `;name="quoted"`.
const nameStart = 7; const name = 8; const valueStart = 9; const value = 10; const quoted = 11; const escaped = 12; const afterQuoted = 13

/** Decodes the chunked transfer coding (RFC 9112 §7.1), strictly. */
export class ChunkedDecoder {
  /** The last chunk and the trailer section have been read. */
  done = false
  /** What is wrong, or empty. */
  fault = ''
  /** After `decode`: the data of this read, contiguous in the bytes given. */
  dataStart = 0
  dataEnd = 0
  /** Trailer fields, names and values in turn. */
  trailers: string[] = []
  #state = size
  #digits = 0
  #left = 0
  #extensionBytes = 0
  #trailerText = ''

  /**
   * Decodes `bytes[start, end)`. Data of several chunks is moved together in place, so that one read is one piece of data.
   * Returns the position after what belongs to the body: less than `end` only when `done` or at a fault.
   */
  decode (bytes: Buffer, start: number, end: number): number {
    let p = start
    let out = -1
    let first = 0
    while (p < end && !this.done) {
      const c = bytes[p]!
      if (this.#state === data) {
        const stop = Math.min(end, p + this.#left)
        if (out < 0) first = p
        else bytes.copyWithin(out, p, stop)
        out = (out < 0 ? p : out) + stop - p
        this.#left -= stop - p
        p = stop
        if (this.#left === 0) this.#state = dataCr
        continue
      }
      if (!this.#frame(c)) { this.fault ||= 'malformed chunk'; break }
      p++
    }
    this.dataStart = first
    this.dataEnd = out < 0 ? first : out
    return p
  }

  /** Takes one octet that is not data. */
  #frame (c: number): boolean {
    switch (this.#state) {
      case size: {
        const letter = c | 0x20
        const digit = c >= 0x30 && c <= 0x39 ? c - 0x30 : letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
        if (digit >= 0) {
          this.#left = this.#left * 16 + digit
          return ++this.#digits <= 12
        }
        if (this.#digits === 0) return false
        if (c === 0x0d) this.#state = sizeLf
        else if (c === 0x3b) this.#state = nameStart
        else return false
        return true
      }
      case sizeLf:
        this.#state = this.#left === 0 ? trailer : data
        return c === 0x0a
      case dataCr:
        this.#state = dataLf
        return c === 0x0d
      case dataLf:
        this.#state = size
        this.#digits = 0
        return c === 0x0a
      case trailer:
        if (c === 0x0d) { this.#state = trailerLf; return true }
        if (valueOctets[c] !== 1) return false
        this.#trailerText += String.fromCharCode(c)
        this.#extensionBytes++
        return this.#extensionBytes <= maxExtensionBytes + maxTrailerBytes
      case trailerLf:
        this.#state = trailer
        return c === 0x0a && this.#trailerLine()
      default:
        return ++this.#extensionBytes <= maxExtensionBytes && this.#extension(c)
    }
  }

  #extension (c: number): boolean {
    const state = this.#state
    if (state === quoted) {
      if (c === 0x22) this.#state = afterQuoted
      else if (c === 0x5c) this.#state = escaped
      return valueOctets[c] === 1
    }
    if (state === escaped) {
      this.#state = quoted
      return valueOctets[c] === 1
    }
    if (state === valueStart && c === 0x22) {
      this.#state = quoted
      return true
    }
    if (state !== afterQuoted && tokenOctets[c] === 1) {
      this.#state = state === nameStart ? name : state === valueStart ? value : state
      return true
    }
    if (state === nameStart || state === valueStart) return false
    if (c === 0x0d) this.#state = sizeLf
    else if (c === 0x3b) this.#state = nameStart
    else if (c === 0x3d && state === name) this.#state = valueStart
    else return false
    return true
  }

  #trailerLine (): boolean {
    const line = this.#trailerText
    this.#trailerText = ''
    if (line === '') { this.done = true; return true }
    const colon = line.indexOf(':')
    if (colon <= 0) return false
    for (let i = 0; i < colon; i++) if (tokenOctets[line.charCodeAt(i)] !== 1) return false
    // A field that frames has no business after the body; some parsers refuse it, others believe it.
    if (/^(?:content-length|transfer-encoding)$/i.test(line.slice(0, colon))) return false
    this.trailers.push(line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, ''))
    return true
  }
}
