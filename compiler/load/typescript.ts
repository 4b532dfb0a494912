import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import type ts from 'typescript'

/** The TypeScript compiler, and a way to make its next load faster. */
export interface LoadedTypescript {
  readonly ts: typeof ts
  /** Stores the compiled code of all functions that have run so far. Does nothing when there is a good cache or no folder for one. */
  remember (): void
}

const require = createRequire(import.meta.url)
const digestLength = 32

/**
 * Loads the TypeScript compiler. Of its 9 MB most functions never run, so V8's code cache, taken after a check, halves the time of a
 * start. A cache that is absent, foreign, damaged or not writable costs time and nothing else.
 */
export function loadTypescript (folder: string | undefined): LoadedTypescript {
  if (folder === undefined) return { ts: require('typescript') as typeof ts, remember: () => {} }
  const path = require.resolve('typescript')
  const { version } = require('typescript/package.json') as { version: string }
  const file = join(folder, `typescript-${version}-${process.version}-${process.arch}.cache`)
  const cachedData = readCache(file)
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'utf8')}\n})`, {
    filename: path, ...(cachedData === undefined ? {} : { cachedData })
  })
  const module = { exports: {} }
  const run = script.runInThisContext() as (...parameters: unknown[]) => void
  run(module.exports, createRequire(path), module, path, dirname(path))
  const fresh = cachedData !== undefined && script.cachedDataRejected !== true
  return { ts: module.exports as typeof ts, remember: () => { if (!fresh) writeCache(file, script.createCachedData()) } }
}

/** V8 trusts its input, so only what this user wrote, whole, is handed to it. */
function readCache (file: string): Buffer | undefined {
  try {
    const { uid, mode } = statSync(file)
    if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0)) return undefined
    const stored = readFileSync(file)
    const data = stored.subarray(digestLength)
    return stored.subarray(0, digestLength).equals(sha256(data)) ? data : undefined
  } catch {
    return undefined
  }
}

function writeCache (file: string, data: Buffer): void {
  const part = `${file}.${process.pid}`
  try {
    // Step by step: a home that does not exist is not made, and Node's recursive mkdir never ends on some file systems.
    for (const folder of [dirname(dirname(file)), dirname(file)]) if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
    writeFileSync(part, Buffer.concat([sha256(data), data]), { mode: 0o600 })
    renameSync(part, file)
  } catch {
    // A full or read-only disk is no reason to fail: the cache is only for speed.
    rmSync(part, { force: true })
  }
}

function sha256 (data: Buffer): Buffer {
  return createHash('sha256').update(data).digest()
}
