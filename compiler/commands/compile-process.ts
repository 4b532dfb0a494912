import { fork } from 'node:child_process'
import type { Compile, CompileResult } from '../../runtime/sources/compile-request.ts'
import type { ChildRequest } from './compile-child.ts'

/** How long a compilation may take in milliseconds; the evaluation in it has its own, shorter limit. */
const patience = 60_000

/** The compiler as the runtime needs it: in a process of its own, which is gone, with all that it held, when the bundle is there. */
export function compileProcess (env: Readonly<Record<string, string | undefined>>, types: boolean): Compile {
  return (request, signal) => new Promise<CompileResult>((resolve) => {
    if (signal.aborted) return resolve({ kind: 'failed', reason: 'stopped' })
    const child = fork(new URL('./compile-child.js', import.meta.url), { env, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    let said = ''
    let answered: CompileResult | undefined
    let reason: string | undefined
    const end = (why: string): void => {
      reason ??= why
      child.kill('SIGKILL')
    }
    const aborted = (): void => { end('stopped') }
    const timer = setTimeout(() => { end(`the compiler took longer than ${patience / 1000} s`) }, patience)
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => { said = `${said}${part.toString()}`.slice(-2_000) })
    signal.addEventListener('abort', aborted, { once: true })
    child.on('message', (result) => { answered = result as CompileResult })
    child.on('error', (error) => { reason ??= error.message })
    child.on('close', (code, killed) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      resolve(answered ?? { kind: 'failed', reason: reason ?? `the compiler ended with ${code ?? killed}: ${said.trim()}` })
    })
    child.send({ ...request, types } satisfies ChildRequest)
  })
}
