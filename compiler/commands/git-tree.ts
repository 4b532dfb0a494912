import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { exitCode } from '../exit-code.ts'
import { BaseError } from '../base-error.ts'
import { runGit } from '../run-git.ts'

/** The files of a commit of the user's own repository, in a folder of ours. */
export interface GitTree {
  readonly commit: string
  /** Where in it the folder is that was asked about. */
  readonly folder: string
  dispose (): void
}

/** Puts the tree of `ref` into a temporary folder. Neither the working tree nor the repository's index is touched, and no hook runs. */
export async function checkOutTree (cwd: string, ref: string): Promise<GitTree> {
  const top = await topOf(cwd)
  const commit = await commitOf(cwd, ref)
  const temporary = mkdtempSync(join(tmpdir(), 'gwc-base-'))
  const dispose = (): void => { rmSync(temporary, { recursive: true, force: true }) }
  try {
    const tree = join(temporary, 'tree')
    mkdirSync(tree)
    const env = { GIT_INDEX_FILE: join(temporary, 'index') }
    await git(top, ['read-tree', commit], env)
    await git(top, ['checkout-index', '--all', '--force', `--prefix=${tree}/`], env)
    const own = relative(top, realpathSync(cwd))
    // Packages are in no commit: those that are installed serve both sides.
    for (const folder of foldersAbove(own)) {
      const installed = join(top, folder, 'node_modules')
      const place = join(tree, folder, 'node_modules')
      if (existsSync(installed) && existsSync(dirname(place)) && !existsSync(place)) symlinkSync(installed, place)
    }
    return { commit, folder: join(tree, own), dispose }
  } catch (error) {
    dispose()
    throw error
  }
}

/** The commit that a ref names. */
export async function commitOf (cwd: string, ref: string): Promise<string> {
  if (ref.startsWith('-')) throw new BaseError(`'${ref}' is not the name of a commit`, exitCode.usage)
  return (await git(cwd, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]).catch(() => {
    throw new BaseError(`there is no commit '${ref}' here; in CI, fetch it first (actions/checkout with fetch-depth: 0)`, exitCode.io)
  })).trim()
}

/** The commit from which the working tree and `ref` went different ways. */
export async function mergeBase (cwd: string, ref: string): Promise<string> {
  return (await git(cwd, ['merge-base', await commitOf(cwd, ref), 'HEAD']).catch(() => {
    throw new BaseError(`'${ref}' and HEAD have no commit in common`, exitCode.io)
  })).trim()
}

/** How many commits of `ref` the working tree does not have. */
export async function commitsBehind (cwd: string, ref: string): Promise<number> {
  return Number((await git(cwd, ['rev-list', '--count', `HEAD..${ref}`])).trim())
}

async function topOf (cwd: string): Promise<string> {
  return realpathSync((await git(cwd, ['rev-parse', '--show-toplevel']).catch(() => {
    throw new BaseError(`${cwd} is in no git repository; --base also takes file:, url: and empty`, exitCode.io)
  })).trim())
}

function foldersAbove (folder: string): string[] {
  return folder === '' ? [''] : [...foldersAbove(dirname(folder) === '.' ? '' : dirname(folder)), folder]
}

/** Files come out as they are in the commit. */
async function git (cwd: string, parameters: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  return await runGit(cwd, parameters, { settings: ['core.autocrlf=false'], env: { GIT_LFS_SKIP_SMUDGE: '1', ...env }, timeout: 60_000 })
    .catch((error: Error) => { throw new BaseError(error.message, exitCode.io) })
}
