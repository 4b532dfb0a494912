import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { GitAddress } from './address.ts'
import { runGit } from './run.ts'
import type { GitResult } from './run.ts'

/** A commit that was fetched. */
export interface GitCommit {
  readonly id: string
  /** Committer time in seconds since 1970. */
  readonly time: number
}

/** A bare repository of our own, into which one ref of another is fetched. Nothing is ever checked out. */
export interface GitRepository {
  readonly folder: string
  /** The commit at the ref now; a string says why it cannot be had. */
  fetch (signal: AbortSignal): Promise<GitCommit | string>
  /** Whether `commit` comes after `ancestor`, or is it. False too when `ancestor` is unknown. */
  descends (commit: string, ancestor: string, signal: AbortSignal): Promise<boolean>
  /** Undefined when a key of the allowed signers (see ssh-keygen, ALLOWED SIGNERS) has signed the commit; else what is wrong. */
  unsigned (commit: string, allowedSigners: string, signal: AbortSignal): Promise<string | undefined>
}

export interface GitRepositoryOptions {
  readonly address: GitAddress
  /** `main`, `refs/heads/main`, `refs/tags/v1`. */
  readonly ref: string
  readonly folder: string
  /** Milliseconds that a fetch may take. Default one minute. */
  readonly timeout?: number | undefined
  /** Bytes that the repository may take. Default 1 GiB. */
  readonly largest?: number | undefined
}

/** Undefined, or why this is not the name of a branch or tag. */
export function refProblem (ref: string): string | undefined {
  return /^[A-Za-z0-9_][A-Za-z0-9_./+-]*$/.test(ref) && !/\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$/.test(ref) ? undefined : `${JSON.stringify(ref)} is not the name of a ref`
}

const head = 'refs/gwc/head'
/** What git says when our own repository is damaged or locked, not the other one. */
const spoiled = /\.lock': File exists|not a git repository: '|corrupt|bad object|unable to read|loose object/

export function createGitRepository ({ address, ref, folder, timeout = 60_000, largest = 1024 * 1024 * 1024 }: GitRepositoryOptions): GitRepository {
  const wanted = ref.startsWith('refs/') ? ref : `refs/heads/${ref}`

  async function fetchHead (signal: AbortSignal): Promise<GitResult> {
    if (statSync(join(folder, 'HEAD'), { throwIfNoEntry: false }) === undefined) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const made = await runGit(['init', '--quiet', '--bare', '--template=', '--', folder], { signal })
      if (made.code !== 0) return made
    }
    // Forced: whether history was rewritten is for `descends` to say.
    return runGit(['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--end-of-options', address.url, `+${wanted}:${head}`], {
      repository: folder, protocol: address.protocol, signal, timeout,
      guard: () => packBytes(folder) > largest ? `the repository is larger than ${largest} bytes` : undefined
    })
  }

  return {
    folder,
    async fetch (signal) {
      let fetched = await fetchHead(signal)
      if (fetched.code !== 0 && spoiled.test(fetched.stderr)) {
        // Left over from a process that was killed. All that is here can be fetched again.
        rmSync(folder, { recursive: true, force: true })
        fetched = await fetchHead(signal)
      }
      if (fetched.code !== 0) return fetched.stderr === '' ? `git fetch ended with ${fetched.code}` : withoutCredentials(fetched.stderr, address)
      const log = await runGit(['log', '-1', '--format=%H %ct', head], { repository: folder, signal })
      const [, id, time] = /^([0-9a-f]{40,64}) (\d+)\n$/.exec(log.stdout.toString()) ?? []
      return id === undefined ? `${ref} is no commit: ${log.stderr}` : { id, time: Number(time) }
    },
    async descends (commit, ancestor, signal) {
      if (!/^[0-9a-f]{40,64}$/.test(ancestor)) return false
      return (await runGit(['merge-base', '--is-ancestor', ancestor, commit], { repository: folder, signal })).code === 0
    },
    async unsigned (commit, allowedSigners, signal) {
      const trust = [`gpg.ssh.allowedSignersFile=${allowedSigners}`, 'gpg.ssh.program=ssh-keygen', 'gpg.minTrustLevel=fully', 'gpg.program=false', 'gpg.x509.program=false']
      const verified = await runGit([...trust.flatMap((setting) => ['-c', setting]), 'verify-commit', '--', commit], { repository: folder, signal })
      if (verified.code === 0) return undefined
      return verified.stderr === '' ? 'the commit is not signed' : verified.stderr
    }
  }
}

/** What a fetch adds lands here first, as temporary packs. */
function packBytes (folder: string): number {
  const packs = join(folder, 'objects', 'pack')
  try {
    return readdirSync(packs).reduce((sum, name) => sum + (statSync(join(packs, name), { throwIfNoEntry: false })?.size ?? 0), 0)
  } catch {
    return 0
  }
}

function withoutCredentials (text: string, { url, shown }: GitAddress): string {
  return text.replaceAll(url, shown).replace(/\/\/[^/@\s]+@/g, '//')
}
