import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Candidate, Provenance } from './candidate.ts'

/** Bundles that were served, kept on disk so that a restart without network serves. */
export interface LastKnownGood {
  /** Keeps a bundle as the newest, and the two before it. Resolves when it is safe against loss of power. */
  save (digest: string, candidate: Candidate): Promise<void>
  /** What is kept, newest first. Files that cannot be read are left out: what is damaged is found out when it is verified. */
  load (): Promise<readonly Candidate[]>
}

/** How many are kept. */
const kept = 3

/** One line of the index: all that is not in the bundle file itself. */
interface Entry {
  readonly digest: string
  readonly provenance: Provenance
}

export function createLastKnownGood (folder: string): LastKnownGood {
  const index = join(folder, 'index.json')
  const fileOf = (digest: string): string => join(folder, `${digest.replace(/^sha256:/, '')}.json`)

  async function entries (): Promise<readonly Entry[]> {
    const text = await readFile(index, 'utf8').catch(missing)
    if (text === undefined) return []
    try {
      const value: unknown = JSON.parse(text)
      return Array.isArray(value) ? value.filter(isEntry) : []
    } catch {
      // A damaged index is as good as none: the source delivers anew.
      return []
    }
  }

  return {
    async save (digest, { bytes, signature, provenance }) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await write(fileOf(digest), bytes)
      if (signature !== undefined) await write(`${fileOf(digest)}.sig`, signature)
      const next = [{ digest, provenance }, ...(await entries()).filter((entry) => entry.digest !== digest)].slice(0, kept)
      await write(index, `${JSON.stringify(next, null, 2)}\n`)
      await syncFolder(folder)
      const wanted = new Set(next.flatMap((entry) => [fileOf(entry.digest), `${fileOf(entry.digest)}.sig`]))
      for (const name of await readdir(folder)) {
        const path = join(folder, name)
        if (path !== index && !wanted.has(path)) await rm(path, { force: true })
      }
    },
    async load () {
      const found: Candidate[] = []
      for (const { digest, provenance } of await entries()) {
        const bytes = await readFile(fileOf(digest)).catch(missing)
        const signature = await readFile(`${fileOf(digest)}.sig`, 'utf8').catch(missing)
        if (bytes !== undefined) found.push({ bytes, provenance, mayRewind: true, ...signature === undefined ? {} : { signature } })
      }
      return found
    }
  }
}

function isEntry (value: unknown): value is Entry {
  const { digest, provenance } = (value ?? {}) as { digest?: unknown, provenance?: unknown }
  return typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest) && typeof provenance === 'object' && provenance !== null
}

function missing (error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}

/** A reader sees the old file or the new one, whole, also after a crash. */
async function write (path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

/** Makes renames durable. */
async function syncFolder (folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
