import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import type { SecureContextOptions } from 'node:tls'
import type { ResolvedTls } from '../../schema/resolved.ts'
import type { Secrets } from '../secrets.ts'
import { coversHost, createCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { readCertificates } from './certificate-files.ts'

/** How often files and secrets are looked at without being told, in milliseconds. */
const lookInterval = 10_000
/** How long a folder must be quiet after a change: a certificate and its key are two files. */
const quiet = 200

/** The certificates of a listener. Those that change on disk are taken for new handshakes; what cannot be used is not taken. */
export interface Certificates {
  readonly fallback: Certificate
  /** For the name that a client asks for: exact, then by wildcard. */
  find (name: string): Certificate | undefined
  close (): void
}

export interface CertificatesOptions {
  readonly certificates: ResolvedTls['certificates']
  /** For each secure context: versions, authorities of clients. */
  readonly context: SecureContextOptions
  readonly secrets: Secrets
  /** Milliseconds since 1970. */
  readonly wall: () => number
  /** Told of certificates that have expired, and of changes that cannot be used. */
  readonly warn: (reason: string) => void
}

/** Throws when a certificate cannot be used. */
export function createCertificates (options: CertificatesOptions): Certificates {
  const { certificates, secrets, warn } = options
  let text = ''
  let loaded: readonly Certificate[] = []
  let byName = new Map<string, Certificate>()

  function load (): void {
    const pairs = readCertificates(certificates, secrets)
    const found = JSON.stringify(pairs)
    if (found === text) return
    const fresh = pairs.map(({ from, certificate, key }) => {
      try {
        const made = createCertificate(certificate, key, options.context)
        if (made.expiresAt < options.wall()) warn(`${from} has expired`)
        return made
      } catch (error) {
        throw new Error(`${from}: ${(error as Error).message}`, { cause: error })
      }
    })
    text = found
    loaded = fresh
    byName = new Map([...fresh].reverse().flatMap((certificate) => certificate.names.map((name) => [name, certificate])))
  }

  let failed = ''
  function look (): void {
    try {
      load()
      failed = ''
    } catch (error) {
      const reason = (error as Error).message
      if (reason !== failed) warn(`${reason}; the certificates of before stay`)
      failed = reason
    }
  }

  load()
  const looking = setInterval(look, lookInterval).unref()
  const watching = typeof certificates === 'string' ? watchFolder(certificates, look) : undefined
  return {
    get fallback () { return loaded[0]! },
    find (name) {
      const exact = byName.get(name)
      if (exact !== undefined) return exact
      const dot = name.indexOf('.')
      return dot < 0 ? undefined : byName.get(`*${name.slice(dot)}`)
    },
    close () {
      clearInterval(looking)
      watching?.close()
    }
  }
}

/** Whether one of its names covers the host. */
export function certificateCovers ({ names }: Certificate, host: string): boolean {
  return names.some((name) => coversHost(name, host))
}

/** Some file systems cannot be watched; looking from time to time is enough there. */
function watchFolder (folder: string, changed: () => void): FSWatcher | undefined {
  let waiting: NodeJS.Timeout | undefined
  try {
    const watcher = watch(folder, { persistent: false }, () => {
      clearTimeout(waiting)
      waiting = setTimeout(changed, quiet).unref()
    })
    watcher.on('error', () => { watcher.close() })
    return watcher
  } catch {
    return undefined
  }
}
