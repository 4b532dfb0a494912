import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../schema/policy.ts'

/** Resolves `secret('NAME')`. */
export interface Secrets {
  /** The value now: of the file NAME in the secrets folder, else of the environment variable NAME. Throws when there is neither. */
  read (name: string): string
}

export interface SecretsOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder with one file per secret; a changed file is seen within a second, so secrets rotate without a reload. */
  readonly folder?: string | undefined
  readonly clock: Clock
}

/** How long a file is believed to be unchanged, in milliseconds. */
const freshness = 1_000

interface CachedFile {
  value: string
  stamp: string
  checked: number
}

export function createSecrets ({ env, folder, clock }: SecretsOptions): Secrets {
  const files = new Map<string, CachedFile>()

  function fromFile (name: string): string | undefined {
    if (folder === undefined) return undefined
    const known = files.get(name)
    if (known !== undefined && clock.now() - known.checked < freshness) return known.value
    const path = join(folder, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) {
      // A rotation that removes before it writes must not fail requests: the last value holds.
      if (known !== undefined) known.checked = clock.now()
      return known?.value
    }
    const stamp = `${stat.mtimeMs} ${stat.size} ${stat.ino}`
    if (known?.stamp === stamp) {
      known.checked = clock.now()
      return known.value
    }
    // Editors and `echo` end a file with a newline that is no part of the secret.
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    files.set(name, { value, stamp, checked: clock.now() })
    return value
  }

  return {
    read (name) {
      // The name comes from a config: it must not lead out of the folder.
      if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) throw new Error(`secret ${JSON.stringify(name)} is not a valid name`)
      const value = fromFile(name) ?? env[name]
      if (value === undefined) throw new Error(`secret ${name} is neither in the environment${folder === undefined ? '' : ` nor in ${folder}`}`)
      return value
    }
  }
}
