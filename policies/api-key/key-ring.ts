import { hash, timingSafeEqual } from 'node:crypto'
import type { PolicyHost } from '../../schema/policy.ts'
import { isHash } from './hash.ts'
import type { ApiKey } from './options.ts'

/** Longer keys are not even hashed. */
const longest = 512

interface Entry { readonly id: string, readonly digest: Buffer }

/**
 * Finds the owner of a key. The map is asked with the SHA-256 of what the client sent, so its timing could at most tell something of a
 * digest, from which no key can be computed; each hit is confirmed in constant time.
 */
export class KeyRing {
  readonly #fixed = new Map<string, Entry>()
  readonly #secret: { readonly id: string, readonly read: () => string, text: string, digest: Buffer | undefined }[] = []
  readonly #presented = Buffer.alloc(64)

  /** Throws when a secret is missing or holds anything but a hash. */
  constructor (keys: readonly ApiKey[], host: Pick<PolicyHost, 'secret'>) {
    for (const { id, hash } of keys) {
      if (typeof hash === 'string') {
        this.#fixed.set(hash.slice(prefix.length), { id, digest: digestOf(hash)! })
      } else {
        const read = () => host.secret(hash).trim()
        const text = read()
        const digest = digestOf(text)
        if (digest === undefined) throw new Error(`secret ${hash.$secret} must hold sha256: and 64 hexadecimal digits, the hash of the key of ${id}`)
        this.#secret.push({ id, read, text, digest })
      }
    }
  }

  /** The id of the key's consumer, or undefined. */
  ownerOf (key: string): string | undefined {
    if (key === '' || key.length > longest) return undefined
    const digits = hash('sha256', key, 'hex')
    this.#presented.write(digits, 'latin1')
    const found = this.#fixed.get(digits)
    if (found !== undefined && timingSafeEqual(found.digest, this.#presented)) return found.id
    let owner: string | undefined
    for (const entry of this.#secret) {
      // Secrets rotate without a reload; a new text that is no hash matches nothing.
      const text = entry.read()
      if (text !== entry.text) {
        entry.text = text
        entry.digest = digestOf(text)
      }
      if (entry.digest !== undefined && timingSafeEqual(entry.digest, this.#presented)) owner = entry.id
    }
    return owner
  }
}

const prefix = 'sha256:'

/** The 64 digits as octets. */
function digestOf (hash: string): Buffer | undefined {
  return isHash(hash) ? Buffer.from(hash.slice(prefix.length), 'latin1') : undefined
}
