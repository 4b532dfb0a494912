/** A request target (RFC 9112 §3.2) in the one form that router, policies and upstream see. */
export interface NormalTarget {
  /** Normalised path; `*` for the asterisk-form. */
  readonly path: string
  /** Query as sent, without `?`. */
  readonly search: string
  /** Authority of an absolute-form target as sent; the listener holds it against `Host`. */
  readonly authority: string | undefined
  readonly scheme: 'http' | 'https' | undefined
}

/** Why a target is refused, in words fit for the client. */
export interface InvalidTarget { readonly invalid: string }

const kinds = { plain: 0, slash: 1, dot: 2, percent: 3, encode: 4, refuse: 5 } as const

/** What each ASCII character means inside a path. */
const meaning = new Uint8Array(128).fill(kinds.refuse)
for (const c of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~!$&'()*+,;=:@") meaning[c.charCodeAt(0)] = kinds.plain
meaning[0x2f] = kinds.slash
meaning[0x2e] = kinds.dot
meaning[0x25] = kinds.percent
// Not allowed in a path by RFC 3986, yet sent by real clients: written in their encoded form, so that both spellings are one path.
for (const c of '"<>[]^`{|}') meaning[c.charCodeAt(0)] = kinds.encode

/**
 * Normalises a request target: origin-form, absolute-form, or `*`. The path is decoded once where RFC 3986 §2.3 makes that
 * safe (unreserved characters), other escapes are written in upper case, empty segments are merged and dot segments removed.
 * What two parsers could read in two ways is refused: encoded slashes, backslashes, control characters, broken escapes,
 * raw bytes beyond ASCII, fragments, and dot segments with path parameters (`..;x`).
 */
export function normalizeTarget (target: string): NormalTarget | InvalidTarget {
  if (target.charCodeAt(0) === 0x2f) return split(target, undefined, undefined)
  if (target === '*') return { path: '*', search: '', authority: undefined, scheme: undefined }
  const absolute = /^(https?):\/\/([^/?#]*)/i.exec(target)
  if (absolute === null) return { invalid: 'the request target is neither a path nor an http URL' }
  const authority = absolute[2]!
  if (authority === '') return { invalid: 'the request target has an empty authority' }
  if (authority.includes('@')) return { invalid: 'the request target has user information' }
  const rest = target.slice(absolute[0].length)
  return split(rest.startsWith('/') ? rest : `/${rest}`, authority, absolute[1]!.toLowerCase() as 'http' | 'https')
}

function split (target: string, authority: string | undefined, scheme: 'http' | 'https' | undefined): NormalTarget | InvalidTarget {
  const query = target.indexOf('?')
  const path = normalizePath(query < 0 ? target : target.slice(0, query))
  if (typeof path !== 'string') return path
  const search = query < 0 ? '' : target.slice(query + 1)
  for (let i = 0; i < search.length; i++) {
    const c = search.charCodeAt(i)
    if (c <= 0x20 || c >= 0x7f || c === 0x23) return { invalid: c === 0x23 ? 'the request target has a fragment' : 'the query has a character that must be percent-encoded' }
  }
  return { path, search, authority, scheme }
}

/** Normalises the path of a target; must begin with `/`. One that is normal already costs one scan and comes back as it is. */
export function normalizePath (path: string): string | InvalidTarget {
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i)
    const kind = c < 128 ? meaning[c]! : kinds.refuse
    if (kind === kinds.plain) continue
    if (kind === kinds.slash) {
      if (path.charCodeAt(i + 1) === 0x2f) return rebuild(path)
    } else if (kind === kinds.dot) {
      if (path.charCodeAt(i - 1) === 0x2f && mayEndDots(path.charCodeAt(i + 1))) return rebuild(path)
    } else if (kind === kinds.percent) {
      if (!isNormalEscape(path, i)) return rebuild(path)
      i += 2
    } else return rebuild(path)
  }
  return path
}

/** Whether a dot at the start of a segment may begin a dot segment, judged by the next character. */
function mayEndDots (next: number): boolean {
  return Number.isNaN(next) || next === 0x2f || next === 0x2e || next === 0x25 || next === 0x3b
}

function isNormalEscape (path: string, at: number): boolean {
  const high = hex(path.charCodeAt(at + 1))
  const low = hex(path.charCodeAt(at + 2))
  if (high < 0 || low < 0 || path.charCodeAt(at + 1) >= 0x61 || path.charCodeAt(at + 2) >= 0x61) return false
  return !isUnreserved(high * 16 + low) && refusal(high * 16 + low) === undefined
}

/** Value of a hexadecimal digit, or -1. */
function hex (c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30
  const letter = c | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

function isUnreserved (c: number): boolean {
  return (c >= 0x61 && c <= 0x7a) || (c >= 0x41 && c <= 0x5a) || (c >= 0x30 && c <= 0x39) || c === 0x2d || c === 0x2e || c === 0x5f || c === 0x7e
}

/** Why a path may not contain this byte in encoded form. */
function refusal (byte: number): string | undefined {
  if (byte === 0x2f) return 'the path has an encoded slash'
  if (byte === 0x5c) return 'the path has a backslash'
  if (byte < 0x20 || byte === 0x7f) return 'the path has a control character'
  return undefined
}

function rebuild (path: string): string | InvalidTarget {
  const decoded = decodeOnce(path)
  if (typeof decoded !== 'string') return decoded
  const kept: string[] = []
  const segments = decoded.split('/').slice(1)
  const last = segments.length - 1
  for (const [index, segment] of segments.entries()) {
    if (/^\.\.?(?:;|%3B)/.test(segment)) return { invalid: 'the path has a dot segment with parameters' }
    if (segment === '..') kept.pop()
    const removed = segment === '.' || segment === '..' || segment === ''
    if (!removed) kept.push(segment)
    else if (index === last) kept.push('')
  }
  return `/${kept.join('/')}`
}

function decodeOnce (path: string): string | InvalidTarget {
  let out = ''
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i)
    const kind = c < 128 ? meaning[c]! : kinds.refuse
    if (kind === kinds.refuse) return { invalid: refusedCharacter(c) }
    if (kind === kinds.encode) { out += escape(c); continue }
    if (kind !== kinds.percent) { out += path[i]; continue }
    const high = hex(path.charCodeAt(i + 1))
    const low = hex(path.charCodeAt(i + 2))
    if (high < 0 || low < 0) return { invalid: 'the path has a broken percent-encoding' }
    const byte = high * 16 + low
    const refused = refusal(byte)
    if (refused !== undefined) return { invalid: refused }
    out += isUnreserved(byte) ? String.fromCharCode(byte) : escape(byte)
    i += 2
  }
  return out
}

function escape (byte: number): string {
  return `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`
}

function refusedCharacter (c: number): string {
  if (c === 0x23) return 'the request target has a fragment'
  return refusal(c) ?? 'the path has a character that must be percent-encoded'
}
