import { X509Certificate, createPrivateKey } from 'node:crypto'
import tls from 'node:tls'
import type { SecureContext, SecureContextOptions } from 'node:tls'

/** A certificate with its key, ready to be shown. */
export interface Certificate {
  /** Names in lower case; `*.example.com` takes one label. */
  readonly names: readonly string[]
  readonly context: SecureContext
  /** As it was read. */
  readonly pem: { readonly cert: string, readonly key: string }
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Makes a certificate of PEM texts. Throws when they cannot be used, or do not belong together. */
export function createCertificate (certificate: string, key: string, options: SecureContextOptions): Certificate {
  const parsed = new X509Certificate(certificate)
  if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Error('the key does not belong to the certificate')
  return {
    names: namesOf(parsed),
    context: tls.createSecureContext({ ...options, cert: certificate, key }),
    pem: { cert: certificate, key },
    expiresAt: Date.parse(parsed.validTo)
  }
}

/** Whether a name of a certificate covers a host: a wildcard stands for exactly one label (RFC 9525 §6.3). */
export function coversHost (name: string, host: string): boolean {
  if (name === host) return true
  if (!name.startsWith('*.')) return false
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot + 1) === name.slice(2)
}

/** DNS names and addresses of the subject alternative name; the common name only where there is none (RFC 9525 §2). */
function namesOf (certificate: X509Certificate): readonly string[] {
  const alternative = certificate.subjectAltName
  if (alternative === undefined) {
    const common = /^CN=(\S+)$/m.exec(certificate.subject)?.[1]
    return common === undefined ? [] : [common.toLowerCase()]
  }
  return alternative.split(', ').flatMap((entry) => {
    const [kind, value = ''] = entry.split(/:(.*)/s)
    return (kind === 'DNS' || kind === 'IP Address') && !value.startsWith('"') ? [value.toLowerCase()] : []
  })
}
