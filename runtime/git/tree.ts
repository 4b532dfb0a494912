import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runGit } from './run.ts'

/** A file of a commit. */
export interface TreeFile {
  /** Relative, with `/`. */
  readonly path: string
  readonly object: string
  readonly bytes: number
}

/** Bounds on what is taken out of a repository: a gateway's config is text, and not much of it. */
const treeLimits = { files: 10_000, fileBytes: 16 * 1024 * 1024, bytes: 128 * 1024 * 1024 }

interface Inside {
  readonly repository: string
  readonly signal: AbortSignal
}

/** The files of a commit, all or those under `paths`; a string says why they are not taken. */
export async function listTree (commit: string, paths: readonly string[], inside: Inside): Promise<readonly TreeFile[] | string> {
  const listed = await runGit(['ls-tree', '-r', '-z', '-l', '--full-tree', commit, '--', ...paths], inside)
  if (listed.code !== 0) return `the files of ${commit} cannot be listed: ${listed.stderr}`
  const files: TreeFile[] = []
  let total = 0
  for (const entry of listed.stdout.toString().split('\0')) {
    if (entry === '') continue
    const [, mode, type, object, size, path] = /^(\d{6}) (\w+) ([0-9a-f]+) +(\d+|-)\t([^]+)$/.exec(entry) ?? []
    if (path === undefined) return 'the list of files cannot be read'
    if (mode === '120000') return `${path} is a symbolic link; links are not followed, and not ignored either`
    if (mode === '160000') return `${path} is a submodule; submodules are not fetched`
    if (type !== 'blob') return `${path} is not a file`
    const problem = pathProblem(path)
    if (problem !== undefined) return problem
    const bytes = Number(size)
    if (bytes > treeLimits.fileBytes) return `${path} is larger than ${treeLimits.fileBytes} bytes`
    total += bytes
    files.push({ path, object: object!, bytes })
    if (files.length > treeLimits.files) return `there are more than ${treeLimits.files} files`
    if (total > treeLimits.bytes) return `the files are larger than ${treeLimits.bytes} bytes together`
  }
  return files
}

/** Names that lead out of a folder, mean something to git or to JavaScript, or are read differently elsewhere. */
function pathProblem (path: string): string | undefined {
  const shown = JSON.stringify(path)
  if (/[\x00-\x1f\x7f\\\ufffd]/.test(path)) return `the file name ${shown} has characters that are not allowed`
  for (const segment of path.split('/')) {
    if (['', '.', '..', '__proto__', 'constructor', 'prototype'].includes(segment) || segment.toLowerCase() === '.git') return `the file name ${shown} is not allowed`
  }
  return undefined
}

/** Contents of files, in their order; a string says what is wrong. */
export async function readBlobs (files: readonly TreeFile[], inside: Inside): Promise<readonly Buffer[] | string> {
  const input = files.map(({ object }) => `${object}\n`).join('')
  const largest = files.reduce((sum, { bytes }) => sum + bytes + 128, 0)
  const { code, stdout, stderr } = await runGit(['cat-file', '--batch'], { ...inside, input, largest })
  if (code !== 0) return `files cannot be read: ${stderr}`
  const blobs: Buffer[] = []
  let at = 0
  for (const { object, bytes } of files) {
    const header = `${object} blob ${bytes}\n`
    if (stdout.toString('latin1', at, at + header.length) !== header) return `object ${object} is missing`
    at += header.length
    blobs.push(stdout.subarray(at, at + bytes))
    at += bytes + 1
  }
  return blobs
}

/** Writes files below an empty folder. */
export async function writeTree (folder: string, files: readonly TreeFile[], blobs: readonly Uint8Array[]): Promise<void> {
  for (const [index, { path }] of files.entries()) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(file, blobs[index]!, { flag: 'wx', mode: 0o600 })
  }
}
