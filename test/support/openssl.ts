import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate authority of a test, in a folder of its own. Needs `openssl`. */
export interface Authority {
  /** PEM. */
  readonly certificate: string
  /** Writes NAME.crt and NAME.key into the folder; `names`: DNS names, the first is the common name too. */
  issue (folder: string, name: string, names: readonly string[]): void
}

export function createAuthority (folder: string): Authority {
  mkdirSync(folder, { recursive: true })
  const openssl = (...args: string[]): string => {
    try {
      return execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error('this test needs openssl: apt-get install openssl', { cause: error })
      throw error
    }
  }
  const key = join(folder, 'authority.key')
  const crt = join(folder, 'authority.crt')
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', crt, '-days', '30', '-subj', '/CN=test authority')
  return {
    certificate: execFileSync('cat', [crt], { encoding: 'utf8' }),
    issue (into, name, names) {
      mkdirSync(into, { recursive: true })
      const request = join(folder, `${name}.csr`)
      const extensions = join(folder, `${name}.ext`)
      writeFileSync(extensions, `subjectAltName=${names.map((dns) => `DNS:${dns}`).join(',')}\n`)
      openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(into, `${name}.key`), '-out', request, '-subj', `/CN=${names[0]!}`)
      openssl('x509', '-req', '-in', request, '-CA', crt, '-CAkey', key, '-CAcreateserial', '-days', '20', '-out', join(into, `${name}.crt`), '-extfile', extensions)
    }
  }
}
