import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

const payloadType = 'application/vnd.gwc.bundle+json'

/** A detached DSSE envelope over the bytes of a bundle file; `payload` is empty, for the bytes travel beside it. */
interface Envelope {
  readonly payloadType: string
  readonly signatures: readonly { readonly keyid: string, readonly sig: string }[]
}

/** Signs the bytes of a bundle file with an ed25519 key (PKCS#8 PEM) and returns the envelope's JSON text. Throws when the key is of another kind. */
export function signBundle (bytes: Uint8Array, privateKeyPem: string): string {
  const key = createPrivateKey(privateKeyPem)
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError(`an ed25519 key is needed, this one is ${key.asymmetricKeyType ?? 'unknown'}`)
  const sig = sign(null, preAuthentication(bytes), key).toString('base64')
  const envelope: Envelope = { payloadType, signatures: [{ keyid: keyId(createPublicKey(key)), sig }] }
  return `${JSON.stringify(envelope)}\n`
}

/** True when one of the keys (SPKI PEM) signed these very bytes; else what is wrong. */
export function verifySignature (bytes: Uint8Array, envelope: string, publicKeysPem: readonly string[]): true | { readonly invalid: string } {
  const parsed = parseEnvelope(envelope)
  if (parsed === undefined) return { invalid: 'the signature is not a DSSE envelope' }
  if (parsed.payloadType !== payloadType) return { invalid: `the signature is for ${parsed.payloadType}, not for a bundle` }
  const signed = preAuthentication(bytes)
  for (const pem of publicKeysPem) {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType !== 'ed25519') continue
    // The key id is a hint and not authenticated, so every key is tried with every signature.
    if (parsed.signatures.some(({ sig }) => verify(null, signed, key, Buffer.from(sig, 'base64')))) return true
  }
  return { invalid: 'no trusted key signed these bytes' }
}

/** First 16 hex digits of the SHA-256 of the public key in SPKI form. */
function keyId (key: KeyObject): string {
  return createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest('hex').slice(0, 16)
}

/** DSSE's pre-authentication encoding (PAE): what is signed names its own type and length. */
function preAuthentication (bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} `), bytes])
}

function parseEnvelope (text: string): Envelope | undefined {
  if (text.length > 65_536) return undefined
  try {
    const value = JSON.parse(text) as Partial<Envelope> | null
    if (typeof value?.payloadType !== 'string' || !Array.isArray(value.signatures) || value.signatures.length > 16) return undefined
    return value.signatures.every((one: { sig?: unknown } | null) => typeof one?.sig === 'string') ? value as Envelope : undefined
  } catch {
    return undefined
  }
}
