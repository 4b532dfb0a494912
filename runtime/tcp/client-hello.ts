/** The most that a first message may have, its record headers included. */
export const maxHello = 16 * 1024 + 1024

/**
 * The name that a TLS client asks for (RFC 6066 §3), in lower case; null: it asks for none. `other`: this is no TLS handshake. The bytes may
 * lack the end, and the message may be spread over several records (RFC 8446 §5.1).
 */
export function serverNameOf (bytes: Buffer): string | null | 'incomplete' | 'other' {
  const message = handshakeOf(bytes)
  if (typeof message === 'string') return message
  const reader = new Reader(message)
  // Version, random, session id, cipher suites, compression methods.
  if (!reader.skip(2 + 32) || !reader.skipVector(1) || !reader.skipVector(2) || !reader.skipVector(1)) return 'other'
  if (reader.left === 0) return null
  const extensions = reader.vector(2)
  if (extensions === undefined) return 'other'
  while (extensions.left > 0) {
    const type = extensions.number(2)
    const content = extensions.vector(2)
    if (type === undefined || content === undefined) return 'other'
    if (type !== 0) continue
    const names = content.vector(2)
    const kind = names?.number(1)
    const name = names?.vector(2)
    if (kind !== 0 || name === undefined) return 'other'
    const text = name.rest().toString('latin1').toLowerCase()
    return /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(text) && text.length <= 253 ? text : 'other'
  }
  return null
}

/** The body of the ClientHello, without the framing of records. */
function handshakeOf (bytes: Buffer): Buffer | 'incomplete' | 'other' {
  const parts: Buffer[] = []
  let size = 0
  for (let at = 0; ;) {
    if (at < bytes.length && bytes[at] !== 0x16) return 'other'
    if (at + 1 < bytes.length && bytes[at + 1] !== 3) return 'other'
    if (at + 5 > bytes.length) return 'incomplete'
    const length = bytes.readUInt16BE(at + 3)
    if (length === 0 || length > 16_384) return 'other'
    const part = bytes.subarray(at + 5, at + 5 + length)
    parts.push(part)
    size += part.length
    const message = parts.length === 1 ? part : Buffer.concat(parts)
    if (message.length > 0 && message[0] !== 1) return 'other'
    if (size >= 4) {
      const wanted = message.readUIntBE(1, 3)
      if (wanted > maxHello) return 'other'
      if (size >= 4 + wanted) return message.subarray(4, 4 + wanted)
    }
    if (part.length < length) return 'incomplete'
    at += 5 + length
  }
}

/** Reads the vectors of TLS; undefined and false where there is not enough. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor (bytes: Buffer) { this.#bytes = bytes }

  get left (): number { return this.#bytes.length - this.#at }

  rest (): Buffer { return this.#bytes.subarray(this.#at) }

  number (size: number): number | undefined {
    if (this.left < size) return undefined
    const value = this.#bytes.readUIntBE(this.#at, size)
    this.#at += size
    return value
  }

  skip (size: number): boolean {
    if (this.left < size) return false
    this.#at += size
    return true
  }

  skipVector (size: number): boolean { return this.vector(size) !== undefined }

  vector (size: number): Reader | undefined {
    const length = this.number(size)
    if (length === undefined || this.left < length) return undefined
    const content = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return new Reader(content)
  }
}
