import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'

const cli = fileURLToPath(new URL('../../../dist/compiler/cli.js', import.meta.url))

/** What a person's terminal has: defaults that differ in CI are asked for by the tests that mean them. */
const terminal = (): NodeJS.ProcessEnv => ({ ...process.env, CI: '', NO_COLOR: '1' })

/** Runs a `gwc` command to its end. */
export async function runGwc (args: readonly string[], cwd?: string, env: Readonly<Record<string, string>> = {}): Promise<{ readonly code: number | null, readonly text: string }> {
  const child = spawn(process.execPath, [cli, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...terminal(), ...env } })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => { text += part.toString() })
  const [code] = await once(child, 'close') as [number | null]
  return { code, text }
}

export interface ServedGwc {
  readonly pid: number
  /** Of the listener `public`. */
  readonly url: string
  /** The exit code. */
  readonly ended: Promise<number | null>
  /** Resolves when it has printed this, after what was waited for before. */
  says (wanted: RegExp): Promise<RegExpExecArray>
  /** Sends a signal to this process alone. */
  kill (signal: NodeJS.Signals): void
}

/** Starts `gwc serve` and resolves when it has printed where it listens. It is killed when the test has ended. */
export async function serveGwc (t: ExecutionContext, args: readonly string[], cwd?: string): Promise<ServedGwc> {
  const child = spawn(process.execPath, [cli, 'serve', ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: terminal() })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  let said = ''
  let heard = (): void => {}
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      said += part.toString()
      heard()
    })
  }
  const says = (wanted: RegExp): Promise<RegExpExecArray> => new Promise((resolve, reject) => {
    heard = () => {
      const found = wanted.exec(said)
      if (found === null) return
      said = said.slice(found.index + found[0].length)
      heard = () => {}
      resolve(found)
    }
    heard()
    void ended.then((code) => { reject(new Error(`gwc serve ended with ${code} before it said ${wanted}: ${said}`)) })
  })
  const [, url] = await says(/public {2}(http:\S+)\n/)
  return { pid: child.pid!, url: url!, ended, says, kill: (signal) => { child.kill(signal) } }
}
