import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { UsageError } from '../usage-error.ts'

/** The text of an ed25519 public key file, checked now and not when the first bundle comes. A private key is refused: it has no business on a gateway. */
export function readPublicKey (file: string): string {
  const pem = readFileSync(file, 'utf8')
  if (/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(pem)) throw new UsageError(`${file} is a private key; give the public one: openssl pkey -in ${file} -pubout`)
  let kind: string | undefined
  try {
    kind = createPublicKey(pem).asymmetricKeyType
  } catch {
    throw new UsageError(`${file} is not a public key in PEM form`)
  }
  if (kind !== 'ed25519') throw new UsageError(`${file} is a key for ${kind ?? 'something unknown'}; an ed25519 key is needed`)
  return pem
}
