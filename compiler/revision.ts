import { realpathSync } from 'node:fs'
import { relative, sep } from 'node:path'
import type { Revision } from '../schema/bundle.ts'
import { runGit } from './run-git.ts'

/**
 * The commit that a config comes from; null outside of git or before the first commit, unless a sequence is given. `dirty` says that an input is changed or not in the
 * commit; packages are not looked at, the lock file stands for them. Nothing of the repository is run: no hooks, no monitor, no pager.
 */
export async function readRevision (root: string, inputs: readonly string[], sequence?: number): Promise<Revision | null> {
  const head = await git(root, ['log', '-1', '--format=%H %ct'])
  const match = /^([0-9a-f]{40,64}) (\d+)\n$/.exec(head ?? '')
  if (match === null) return sequence === undefined ? null : { commit: null, dirty: true, sequence }
  const folder = realpathSync(root)
  const own = inputs.filter((input) => !input.split(sep).includes('node_modules')).map((input) => relative(folder, realpathSync(input)))
  const status = await git(root, ['status', '--porcelain', '-z', '--untracked-files=all', '--ignored=matching', '--', ...own])
  return { commit: match[1]!, dirty: status !== '', sequence: sequence ?? Number(match[2]) }
}

/** Output of git, or undefined when it fails or is not there. */
async function git (folder: string, parameters: readonly string[]): Promise<string | undefined> {
  return await runGit(folder, parameters).catch(() => undefined)
}
