import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Candidate, Provenance } from '../candidate.ts'
import type { GitAddress } from '../git/address.ts'
import { createGitRepository } from '../git/repository.ts'
import type { GitCommit } from '../git/repository.ts'
import { listTree, readBlobs, writeTree } from '../git/tree.ts'
import { rejection } from '../rejection.ts'
import type { Rejection } from '../rejection.ts'
import { compileReason } from './compile-request.ts'
import type { Compile } from './compile-request.ts'
import type { Found, Source } from './source.ts'

export interface GitSourceOptions {
  readonly address: GitAddress
  /** Branch or tag. */
  readonly ref: string
  /** Absolute folder for the repository and for trees while they are compiled. */
  readonly stateFolder: string
  readonly poll: number
  /** What the commit gives: a config to compile, or a bundle that CI has built. Paths are relative to the root of the tree. */
  readonly take: { readonly config: string | undefined, readonly compile: Compile } | { readonly bundle: string }
  /** Absolute path of an allowed-signers file, outside the repository. Undefined: commits need no signature. */
  readonly allowedSigners?: string | undefined
  /** Accept commits that do not come after the active one. */
  readonly allowRewind: boolean
  readonly fetchTimeout?: number | undefined
}

/** A ref of a git repository. What is in it is hostile until it is verified: only blobs are read, by their content. */
export function gitSource (options: GitSourceOptions): Source {
  const { address, ref, stateFolder, allowRewind, allowedSigners, take } = options
  const repository = createGitRepository({ address, ref, folder: join(stateFolder, 'repository.git'), timeout: options.fetchTimeout })
  const from = `${address.shown} ${ref}`
  /** The commit that was decided about: it is not tried again unless the operator asks. */
  let tried: string | undefined
  const trees = join(stateFolder, 'trees')
  let tidied = false

  return {
    kind: 'git',
    from,
    restoreFirst: true,
    poll: options.poll,
    async look ({ active, force, signal }): Promise<Found> {
      const commit = await repository.fetch(signal).catch((error: Error) => `git cannot be run: ${error.message}`)
      if (typeof commit === 'string') return { kind: 'away', reason: `${from}: ${commit}` }
      if (!force && (commit.id === tried || (tried === undefined && commit.id === active?.commit))) return { kind: 'same' }
      const failure = await distrust(commit, active, signal)
      const found = failure ?? await read(commit, signal)
      // What was broken off by a stop was not tried.
      if (!signal.aborted) tried = commit.id
      return 'bytes' in found ? { kind: 'candidate', candidate: found } : { kind: 'rejected', rejection: found, revision: commit.id }
    }
  }

  async function distrust (commit: GitCommit, active: Provenance | undefined, signal: AbortSignal): Promise<Rejection | undefined> {
    const running = active?.kind === 'git' ? active.commit : undefined
    if (running !== undefined && !allowRewind && !await repository.descends(commit.id, running, signal)) {
      return rejection('trust', `commit ${commit.id.slice(0, 12)} does not come after the active ${running.slice(0, 12)}: history was rewritten; --allow-rewind accepts it`)
    }
    const unsigned = allowedSigners === undefined ? undefined : await repository.unsigned(commit.id, allowedSigners, signal)
    return unsigned === undefined ? undefined : rejection('trust', `commit ${commit.id.slice(0, 12)} has no valid signature: ${unsigned}`)
  }

  async function read (commit: GitCommit, signal: AbortSignal): Promise<Candidate | Rejection> {
    const provenance: Provenance = { kind: 'git', from, commit: commit.id }
    const inside = { repository: repository.folder, signal }
    const paths = 'bundle' in take ? [take.bundle, `${take.bundle}.sig`] : []
    const files = await listTree(commit.id, paths, inside)
    if (typeof files === 'string') return rejection('fetch', files)
    const blobs = await readBlobs(files, inside)
    if (typeof blobs === 'string') return rejection('fetch', blobs)
    if ('bundle' in take) {
      const bundle = blobs[files.findIndex(({ path }) => path === take.bundle)]
      if (bundle === undefined) return rejection('fetch', `there is no ${take.bundle} in commit ${commit.id.slice(0, 12)}`)
      const signature = blobs[files.findIndex(({ path }) => path !== take.bundle)]?.toString()
      return { bytes: bundle, provenance, mayRewind: allowRewind, ...signature === undefined ? {} : { signature } }
    }
    const config = take.config ?? files.find(({ path }) => /^gateway\.config\.(ts|mts|js|mjs|json)$/.test(path))?.path
    if (config === undefined) return rejection('fetch', `there is no gateway.config.{ts,mts,js,mjs,json} at the root of commit ${commit.id.slice(0, 12)}; --config names one elsewhere`)
    // What a process that was killed has left.
    if (!tidied) await rm(trees, { recursive: true, force: true })
    tidied = true
    await mkdir(trees, { recursive: true, mode: 0o700 })
    const tree = await mkdtemp(join(trees, `${commit.id.slice(0, 12)}-`))
    try {
      await writeTree(tree, files, blobs)
      const revision = { commit: commit.id, sequence: commit.time }
      const result = await take.compile({ cwd: tree, revision, config }, signal)
      if (result.kind === 'failed') return rejection('compile', result.reason)
      if (result.kind === 'invalid') return { phase: 'compile', reason: compileReason(result.diagnostics), diagnostics: result.diagnostics, frames: result.frames }
      // Ancestry has been checked; committer times may go backwards between parent and child.
      return { bytes: Buffer.from(result.text), provenance, mayRewind: true }
    } finally {
      await rm(tree, { recursive: true, force: true })
    }
  }
}
