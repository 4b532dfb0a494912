import { spawn } from 'node:child_process'

export interface GitResult {
  /** -1: it was ended by us or by a signal. */
  readonly code: number
  readonly stdout: Buffer
  /** Last lines of what it said, for people. */
  readonly stderr: string
}

export interface GitRun {
  /** Bare repository, or undefined. */
  readonly repository?: string
  /** Transport that may be used; none by default. */
  readonly protocol?: string
  readonly input?: string
  readonly signal: AbortSignal
  /** Milliseconds. Default 30 s. */
  readonly timeout?: number
  /** Bytes of output. Default 16 MiB. */
  readonly largest?: number
  /** Looked at four times a second; a string ends git and says why. */
  readonly guard?: () => string | undefined
}

/** What git reads from its surroundings: nothing of the user's or the system's configuration, no prompts, no helpers. */
function environment (protocol: string | undefined): NodeJS.ProcessEnv {
  const { PATH, HOME, SSH_AUTH_SOCK } = process.env
  return {
    PATH, HOME, SSH_AUTH_SOCK,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: protocol ?? 'none',
    GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'true', SSH_ASKPASS: 'true', GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
    GIT_LITERAL_PATHSPECS: '1', GIT_NO_REPLACE_OBJECTS: '1', GIT_NO_LAZY_FETCH: '1', GIT_LFS_SKIP_SMUDGE: '1', GIT_OPTIONAL_LOCKS: '0'
  }
}

const settings = [
  'core.hooksPath=/dev/null', 'core.symlinks=false', 'core.fsmonitor=false', 'submodule.recurse=false', 'fetch.recurseSubmodules=false',
  'transfer.fsckObjects=true', 'fetch.unpackLimit=1', 'gc.autoDetach=false', 'http.lowSpeedLimit=1000', 'http.lowSpeedTime=20'
].flatMap((setting) => ['-c', setting])

/** Runs git without a shell. Rejects only when git cannot be started. */
export function runGit (args: readonly string[], run: GitRun): Promise<GitResult> {
  const { repository, largest = 16 * 1024 * 1024 } = run
  const where = repository === undefined ? [] : [`--git-dir=${repository}`]
  return new Promise((resolve, reject) => {
    // A group of its own: transports that git has started must end with it.
    const git = spawn('git', [...where, ...settings, ...args], { env: environment(run.protocol), cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    const parts: Buffer[] = []
    let length = 0
    let said = ''
    const end = (reason: string): void => {
      said = `${said}\n${reason}`
      try {
        process.kill(-git.pid!, 'SIGKILL')
      } catch {
        // It has just ended by itself.
      }
    }
    const timer = setTimeout(() => { end('git took too long and was ended') }, run.timeout ?? 30_000)
    const guarding = run.guard === undefined
      ? undefined
      : setInterval(() => {
        const reason = run.guard!()
        if (reason !== undefined) end(reason)
      }, 250)
    const aborted = (): void => { end('stopped') }
    const settle = (): void => {
      clearTimeout(timer)
      clearInterval(guarding)
      run.signal.removeEventListener('abort', aborted)
    }
    git.once('error', (error) => {
      settle()
      reject(error)
    })
    git.stdout.on('data', (part: Buffer) => {
      length += part.length
      if (length > largest) end('git wrote too much')
      else parts.push(part)
    })
    git.stderr.on('data', (part: Buffer) => { said = `${said}${part.toString()}`.slice(-4_000) })
    // It may end before it has read all.
    git.stdin.on('error', () => {})
    git.stdin.end(run.input ?? '')
    run.signal.addEventListener('abort', aborted, { once: true })
    git.once('close', (code) => {
      settle()
      resolve({ code: code ?? -1, stdout: Buffer.concat(parts), stderr: lastLines(said) })
    })
    if (run.signal.aborted) aborted()
  })
}

function lastLines (text: string): string {
  return text.trim().split('\n').filter((line) => line.trim() !== '').slice(-3).join('; ')
}
