import { METHODS } from 'node:http'
import { takesTrailers } from '../http/request-head.ts'
import type { RequestHead } from '../http/request-head.ts'
import { isName } from '../http/fields.ts'
import { kindOf } from '../http/upstream-head.ts'
import { tokenOctets, valueOctets } from '../upstream/octets.ts'
import { readLatin1 } from '../upstream/stream-binding.ts'

const methods: ReadonlySet<string> = new Set(METHODS.filter((method) => method !== 'CONNECT'))
const http11 = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e, 0x31, 0x0d, 0x0a]
/** Fields of one request; those of more are left to the full lane. */
const maxFields = 128

/** For the fields of most requests. Connections that wait for one have no use for theirs. */
const usual = 16 * 4
const noOffsets: Uint16Array = new Uint16Array(0)
const spareOffsets: Uint16Array[] = []
const mostSpare = 256

/**
 * Recognises plain HTTP/1.1 requests: a path as the target, one `Host`, at most one field that frames, every line `Name: value`. Everything
 * else, right or wrong, is none of its business: the full lane reads it. One instance a connection, used for its requests one after the other.
 */
export class WireHead implements RequestHead {
  chunked = false
  expectsContinue = false
  trailers = false
  upgrade: string | undefined
  method = ''
  target = ''
  host: string | undefined
  contentLength = -1
  close = false
  /** Octet after the empty line. */
  end = 0
  plain: string | undefined
  /** The head as latin1; offsets are into it. */
  #text = ''
  /** `Connection` names `Upgrade`. */
  #switching = false
  /** Of each field: start and end of its name, start and end of its value. */
  #offsets: Uint16Array = noOffsets
  #count = 0
  #fields: readonly string[] | undefined

  get count (): number { return this.#count }

  get fields (): readonly string[] {
    if (this.#fields !== undefined) return this.#fields
    const fields = new Array<string>(this.#count * 2)
    for (let i = 0; i < this.#count; i++) {
      fields[2 * i] = this.#name(i)
      fields[2 * i + 1] = this.#value(i)
    }
    return this.#fields = fields
  }

  header (name: string): string | undefined {
    const offsets = this.#offsets
    let value: string | undefined
    for (let i = 0; i < this.#count; i++) {
      if (offsets[4 * i + 1]! - offsets[4 * i]! !== name.length || !isName(this.#name(i), name)) continue
      value = value === undefined ? this.#value(i) : `${value}${name === 'cookie' ? '; ' : ', '}${this.#value(i)}`
    }
    return value
  }

  /** Lets go of a request that has ended: until the next one, nothing is kept of it. */
  forget (): void {
    if (this.#offsets.length === usual && spareOffsets.length < mostSpare) spareOffsets.push(this.#offsets)
    this.#offsets = noOffsets
    this.#count = 0
    this.#fields = undefined
    this.#text = this.method = this.target = ''
    this.host = this.upgrade = this.plain = undefined
  }

  /** `other`: not for this lane. The bytes are looked at during this call only. */
  parse (bytes: Buffer, start: number, end: number): 'complete' | 'incomplete' | 'other' {
    const line = requestLine(bytes, start, end)
    if (line.state !== 'complete') return line.state
    if (this.#offsets === noOffsets) this.#offsets = spareOffsets.pop() ?? new Uint16Array(usual)
    let p = line.end
    let count = 0
    for (;;) {
      if (p + 1 >= end) return p < end && bytes[p] !== 0x0d && tokenOctets[bytes[p]!] !== 1 ? 'other' : 'incomplete'
      if (bytes[p] === 0x0d) {
        if (bytes[p + 1] !== 0x0a) return 'other'
        break
      }
      const nameStart = p
      while (p < end && tokenOctets[bytes[p]!] === 1 && bytes[p] !== 0x5f) p++
      const nameEnd = p
      if (p + 2 >= end) return p < end && bytes[p] !== 0x3a ? 'other' : 'incomplete'
      // `_` has a twin in `-`, and lines that are not written as everyone writes them are copied otherwise: the full lane does both.
      if (nameEnd === nameStart || bytes[p] !== 0x3a || bytes[p + 1] !== 0x20 || bytes[p + 2] === 0x20 || bytes[p + 2] === 0x09) return 'other'
      p += 2
      const valueStart = p
      while (p < end && valueOctets[bytes[p]!] === 1) p++
      if (p + 1 >= end) return p < end && bytes[p] !== 0x0d ? 'other' : 'incomplete'
      if (bytes[p] !== 0x0d || bytes[p + 1] !== 0x0a || bytes[p - 1] === 0x09 || (bytes[p - 1] === 0x20 && p > valueStart)) return 'other'
      if (count === maxFields) return 'other'
      if (count * 4 === this.#offsets.length) this.#grow()
      const at = count++ * 4
      this.#offsets[at] = nameStart - start
      this.#offsets[at + 1] = nameEnd - start
      this.#offsets[at + 2] = valueStart - start
      this.#offsets[at + 3] = p - start
      p += 2
    }
    this.end = p + 2
    this.#count = count
    this.#text = readLatin1(bytes, start, this.end)
    this.#fields = undefined
    const text = this.#text
    this.method = text.startsWith('GET ') ? 'GET' : text.slice(0, line.methodEnd - start)
    this.target = text.slice(line.methodEnd + 1 - start, line.targetEnd - start)
    return methods.has(this.method) && this.#read(line.end - start) ? 'complete' : 'other'
  }

  /** Reads what frames and routes, and collects the lines that go on. False: not for this lane. */
  #read (firstLine: number): boolean {
    const offsets = this.#offsets
    const text = this.#text
    this.host = undefined
    this.contentLength = -1
    this.chunked = this.expectsContinue = this.trailers = this.close = false
    this.upgrade = undefined
    this.#switching = false
    let plain: string | undefined = ''
    let from = firstLine
    for (let i = 0; i < this.#count; i++) {
      const nameStart = offsets[4 * i]!
      const length = offsets[4 * i + 1]! - nameStart
      if (length > 19 ? !mayForward(text, nameStart) : !interesting[length]) continue
      const name = text.slice(nameStart, nameStart + length)
      const kind = kindOf(name)
      if (kind === 'keep') continue
      if (kind === 'via' || kind === 'hops') plain = undefined
      else if (kind === 'drop' && !this.#take(name, i)) return false
      if (plain !== undefined && nameStart > from) plain += text.slice(from, nameStart)
      from = offsets[4 * i + 3]! + 2
    }
    const last = text.length - 2
    if (plain !== undefined && last > from) plain += text.slice(from, last)
    this.plain = plain
    if (!this.#switching || this.contentLength > 0 || this.chunked || this.method !== 'GET') this.upgrade = undefined
    return this.host !== undefined
  }

  /** Acts on a field that is dropped (`kindOf`): most lengths have one such name, which needs no second look. False: not for this lane. */
  #take (name: string, i: number): boolean {
    switch (name.length) {
      case 2:
        this.trailers = takesTrailers(this.#value(i))
        return true
      case 4:
        if (this.host !== undefined) return false
        this.host = this.#value(i)
        return true
      case 6:
        this.expectsContinue = this.#value(i).toLowerCase() === '100-continue'
        return this.expectsContinue
      case 10: {
        if (!isName(name, 'connection')) return true
        const value = this.#value(i).toLowerCase()
        if (value === 'close') this.close = true
        else if (value === 'upgrade' || value === 'keep-alive, upgrade' || value === 'upgrade, keep-alive') this.#switching = true
        else return value === 'keep-alive'
        return true
      }
      case 7:
        if (isName(name, 'trailer')) return true
        if (this.upgrade !== undefined) return false
        this.upgrade = this.#value(i).toLowerCase()
        return true
      case 14: {
        if (!isName(name, 'content-length')) return false
        const value = this.#value(i)
        if (this.contentLength >= 0 || this.chunked || !/^\d{1,15}$/.test(value)) return false
        this.contentLength = Number(value)
        return true
      }
      case 17:
        if (this.contentLength >= 0 || this.chunked || this.#value(i).toLowerCase() !== 'chunked') return false
        this.chunked = true
        return true
      case 12: // X-Request-Id
      case 16: // Proxy-Connection
      case 19: return true // Proxy-Authorization
      default: return false
    }
  }

  #name (i: number): string { return this.#text.slice(this.#offsets[4 * i], this.#offsets[4 * i + 1]) }
  #value (i: number): string { return this.#text.slice(this.#offsets[4 * i + 2], this.#offsets[4 * i + 3]) }

  #grow (): void {
    const larger = new Uint16Array(this.#offsets.length * 2)
    larger.set(this.#offsets)
    this.#offsets = larger
  }
}

/** Whether this is the head of a request that the wire lane serves, switch of protocols included. */
export function isPlain (head: Buffer): boolean {
  const parsed = new WireHead()
  return parsed.parse(head, 0, head.length) === 'complete' && parsed.upgrade !== undefined
}

/** Lengths of names that something may have to be done with. */
const interesting: readonly boolean[] = Array.from({ length: 20 }, (_, length) => [2, 3, 4, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17, 19].includes(length) || length > 12)

/** Whether a long name may be one of `X-Forwarded-…`. */
function mayForward (text: string, at: number): boolean {
  return (text.charCodeAt(at) | 0x20) === 0x78
}

interface RequestLine {
  state: 'complete' | 'incomplete' | 'other'
  methodEnd: number
  targetEnd: number
  /** Octet after the line. */
  end: number
}

/** Parsing is synchronous: one result serves all. */
const line: RequestLine = { state: 'other', methodEnd: 0, targetEnd: 0, end: 0 }

function requestLine (bytes: Buffer, start: number, end: number): RequestLine {
  let p = start
  while (p < end && tokenOctets[bytes[p]!] === 1) p++
  line.methodEnd = p
  if (p - start > 20) return settle('other')
  if (p >= end) return settle('incomplete')
  if (p === start || bytes[p] !== 0x20) return settle('other')
  if (++p >= end) return settle('incomplete')
  if (bytes[p] !== 0x2f) return settle('other')
  while (p < end && bytes[p]! > 0x20 && bytes[p]! < 0x7f) p++
  line.targetEnd = p
  if (p >= end) return settle('incomplete')
  if (bytes[p++] !== 0x20) return settle('other')
  for (const octet of http11) {
    if (p >= end) return settle('incomplete')
    if (bytes[p++] !== octet) return settle('other')
  }
  line.end = p
  return settle('complete')
}

function settle (state: RequestLine['state']): RequestLine {
  line.state = state
  return line
}
