import { execFile } from 'node:child_process'

/** What differs between the uses of git. */
export interface GitUse {
  /** Of configuration, `name=value`. */
  readonly settings?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds. Default 10 s. */
  readonly timeout?: number
}

/**
 * Output of git in the user's own repository; rejects with what it says. Nothing of the repository is run: no hooks, no monitor, no pager. The
 * user's own configuration stays: it says which folders of other owners are safe.
 */
export function runGit (folder: string, parameters: readonly string[], { settings = [], env: more = {}, timeout = 10_000 }: GitUse = {}): Promise<string> {
  const all = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'log.showSignature=false', ...settings].flatMap((setting) => ['-c', setting])
  const { PATH, HOME, USERPROFILE } = process.env
  const env = { PATH, HOME, USERPROFILE, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...more }
  return new Promise((resolve, reject) => {
    execFile('git', ['--no-pager', '--no-optional-locks', '--literal-pathspecs', ...all, ...parameters], { cwd: folder, env, timeout, maxBuffer: 16 * 1024 * 1024 }, (error, output, said) => {
      if (error === null) resolve(output)
      else reject(new Error(`git ${parameters[0] ?? ''}: ${said.trim() || error.message}`))
    })
  })
}
