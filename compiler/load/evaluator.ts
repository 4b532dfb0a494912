import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { EvaluationReply, EvaluationRequest } from './evaluation.ts'

/** Bounds on the evaluation of a config. */
export interface EvaluationLimits {
  /** Milliseconds. */
  readonly timeout: number
  /** Heap of the child in MiB. */
  readonly memory: number
}

const defaultLimits: EvaluationLimits = { timeout: 10_000, memory: 256 }

/** How an evaluation ended. */
export type Evaluated = EvaluationReply | { readonly result: { readonly kind: 'timeout' | 'out-of-memory' } | { readonly kind: 'crashed', readonly detail: string } }

/** A child process that will evaluate one config. */
export interface Evaluator {
  /** Always settles: the child is ended when it takes too long, and its death is an answer too. */
  evaluate (code: string, env: EvaluationRequest['env']): Promise<Evaluated>
  /** Ends the child if it is still there. */
  dispose (): void
}

const mostReplyBytes = 256 * 1024 * 1024
/** Time for the child to report a timeout itself before it is ended. */
const grace = 2_000

/** MiB of a process that are no heap: Node itself and its libraries. */
const outsideHeap = 128

/** Starts the child at once, so that it comes up while the config is being bundled. */
export function startEvaluator (limits: EvaluationLimits = defaultLimits): Evaluator {
  const entry = fileURLToPath(new URL('evaluate.js', import.meta.url))
  const child = spawn(process.execPath, [
    ...permissionFlags(dirname(dirname(dirname(entry)))),
    '--disallow-code-generation-from-strings', `--max-old-space-size=${limits.memory}`, '--no-warnings', entry
  ], { env: childEnvironment(), stdio: ['pipe', 'ignore', 'pipe', 'pipe'], windowsHide: true })
  const ended = watch(child)
  return {
    async evaluate (code, env) {
      const request: EvaluationRequest = { code, env, timeout: limits.timeout }
      child.stdin?.end(JSON.stringify(request))
      let expired = false
      const timer = setTimeout(() => { expired = child.kill('SIGKILL') }, limits.timeout + grace)
      const memory = watchMemory(child, limits.memory)
      const { reply, lastWords, signal } = await ended
      clearTimeout(timer)
      memory.stop()
      if (reply !== undefined) return reply
      if (memory.exceeded || /heap out of memory|Array buffer allocation failed|Reached heap limit/.test(lastWords)) return { result: { kind: 'out-of-memory' } }
      if (expired) return { result: { kind: 'timeout' } }
      return { result: { kind: 'crashed', detail: lastWords.trim().slice(0, 2000) || `it ended by ${signal ?? 'itself'}` } }
    },
    dispose () {
      child.kill('SIGKILL')
    }
  }
}

/** Collects what the child says until it has ended. */
async function watch (child: ChildProcess): Promise<{ readonly reply: EvaluationReply | undefined, readonly lastWords: string, readonly signal: NodeJS.Signals | null }> {
  const chunks: Buffer[] = []
  let length = 0
  let lastWords = ''
  const replies = child.stdio[3] as Readable
  replies.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= mostReplyBytes) chunks.push(chunk)
    else if (child.kill('SIGKILL')) lastWords = `its answer is larger than ${mostReplyBytes} bytes`
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (lastWords.length < 20_000) lastWords += text
  })
  // A child that dies early closes its ends; its own end tells why.
  for (const stream of [child.stdin, replies]) stream?.on('error', () => {})
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('error', (cause) => {
      lastWords = cause.message
      resolve(null)
    })
    child.once('close', (_code, by) => { resolve(by) })
  })
  return { reply: parseReply(Buffer.concat(chunks).toString('utf8')), lastWords, signal }
}

/** Ends the child when it holds far more than its heap may. V8's limit does not see buffers; Linux says what a process really holds. */
function watchMemory (child: ChildProcess, limit: number): { readonly exceeded: boolean, stop (): void } {
  const watched = { exceeded: false, stop: () => { clearInterval(timer) } }
  const timer = setInterval(() => {
    if (residentMebibytes(child.pid) <= limit * 2 + outsideHeap) return
    watched.exceeded = true
    child.kill('SIGKILL')
  }, 100)
  return watched
}

function residentMebibytes (pid: number | undefined): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    // Not Linux, or the child has just ended.
    return 0
  }
}

/** An answer that is not whole is none. */
function parseReply (text: string): EvaluationReply | undefined {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as EvaluationReply
  } catch {
    return undefined
  }
}

/** Read access to this package and to the one package that `schema/` imports, and to nothing else. */
function permissionFlags (packageRoot: string): string[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const flag = major > 22 || (major === 22 && minor >= 13) ? '--permission' : '--experimental-permission'
  const regexpp = dirname(createRequire(import.meta.url).resolve('@eslint-community/regexpp/package.json'))
  const folders = new Set([packageRoot, realpathSync(packageRoot), regexpp, realpathSync(regexpp)])
  return [flag, ...[...folders].map((folder) => `--allow-fs-read=${join(folder, '*')}`)]
}

/** Nothing of ours, and one time zone for everybody. Windows cannot start a process without its root. */
function childEnvironment (): NodeJS.ProcessEnv {
  const root = process.env['SystemRoot']
  return { TZ: 'UTC', ...(process.platform === 'win32' && root !== undefined ? { SystemRoot: root } : {}) }
}
