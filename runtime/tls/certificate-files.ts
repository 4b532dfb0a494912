import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ResolvedTls } from '../../schema/resolved.ts'
import type { Secrets } from '../secrets.ts'

/** The texts of one certificate. */
export interface CertificatePair {
  /** Where it comes from, for messages. */
  readonly from: string
  readonly certificate: string
  readonly key: string
}

/** Reads all pairs that a listener has; the first is the default. Throws when one is incomplete, or there is none. */
export function readCertificates (certificates: ResolvedTls['certificates'], secrets: Secrets): readonly CertificatePair[] {
  if (typeof certificates !== 'string') {
    return certificates.map(({ certificate, key }) => ({ from: certificate.$secret, certificate: secrets.read(certificate.$secret), key: secrets.read(key.$secret) }))
  }
  const files = readdirSync(certificates).filter((file) => /\.(?:crt|pem)$/.test(file)).sort()
  if (files.length === 0) throw new Error(`${certificates} has no certificate: NAME.crt or NAME.pem`)
  return files.map((file) => {
    const key = file.replace(/\.(?:crt|pem)$/, '.key')
    return { from: join(certificates, file), certificate: readFileSync(join(certificates, file), 'utf8'), key: readFileSync(join(certificates, key), 'utf8') }
  })
}
