import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { DecodedBundle } from '../decode.ts'
import type { GatewayReport } from '../gateway.ts'
import type { TargetReport, TargetStatus } from '../health/target-status.ts'
import { rejection } from '../rejection.ts'
import type { Rejection } from '../rejection.ts'
import type { LedgerAnswer, LedgerQuestion, ToPrimary, ToWorker, WorkerSetup } from './messages.ts'

/** One worker process, seen from the primary. */
export interface Member {
  readonly number: number
  readonly pid: number
  /** Undefined: it is ready to publish. */
  prepare (bundle: DecodedBundle): Promise<Rejection | undefined>
  /** Also resolves when it has ended: its replacement comes up with what was published. */
  publish (): Promise<void>
  abandon (): Promise<void>
  /** Undefined when it does not answer. */
  report (): Promise<GatewayReport | undefined>
  /** Tells it about the health of targets. */
  judge (statuses: readonly TargetStatus[]): void
  close (graceMs: number): Promise<void>
}

export interface MemberOptions {
  readonly number: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly setup: WorkerSetup
  /** Told how requests to targets went. */
  readonly reports: (reports: readonly TargetReport[]) => void
  readonly answer: (questions: readonly LedgerQuestion[]) => readonly LedgerAnswer[]
  /** `lived`: milliseconds. */
  readonly ended: (member: Member, how: string) => void
  readonly bug: (where: string, text: string) => void
  readonly warn: (where: string, reason: string) => void
}

/** How long a worker may take to come up or to prepare, in milliseconds. */
const patience = 60_000

type Result = Rejection | GatewayReport | null

/** Starts a worker process and resolves when it is up. Rejects when it ends before that. */
export function startMember (options: MemberOptions): Promise<Member> {
  const { number, answer, bug } = options
  cluster.setupPrimary({ exec: fileURLToPath(new URL('./worker-process.js', import.meta.url)), args: [], execArgv: [], serialization: 'advanced' })
  const worker = cluster.fork(options.env)
  const pending = new Map<number, { resolve: (result: Result) => void, reject: (error: Error) => void }>()
  let last = 0
  const send = (message: ToWorker): void => { if (worker.isConnected()) worker.send(message) }

  function request (message: (id: number) => ToWorker, timeout = patience): Promise<Result> {
    if (!worker.isConnected()) return Promise.reject(new Error('it has ended'))
    const id = ++last
    return new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(() => { reject(new Error(`it did not answer for ${timeout / 1000} s`)) }, timeout)
      pending.set(id, {
        resolve: (result) => { clearTimeout(timer); resolve(result) },
        reject: (error) => { clearTimeout(timer); reject(error) }
      })
      send(message(id))
    }).finally(() => { pending.delete(id) })
  }

  const member: Member = {
    number,
    pid: worker.process.pid!,
    prepare: (bundle) => request((id) => ({ kind: 'prepare', id, bundle })).then(
      (result) => result === null ? undefined : result as Rejection,
      (error: Error) => rejection('prepare', `while it prepared, ${error.message}`)
    ),
    publish: () => request((id) => ({ kind: 'publish', id })).then(() => {}, () => { worker.process.kill('SIGKILL') }),
    abandon: () => request((id) => ({ kind: 'abandon', id })).then(() => {}, () => { worker.process.kill('SIGKILL') }),
    report: () => request((id) => ({ kind: 'report', id }), 1_000).then((result) => result as GatewayReport, () => undefined),
    judge: (statuses) => { send({ kind: 'judge', statuses }) },
    async close (graceMs) {
      const exit = new Promise<void>((resolve) => { worker.once('exit', () => { resolve() }) })
      if (worker.isDead()) return
      await request((id) => ({ kind: 'close', id, graceMs }), graceMs + 5_000).catch(() => {})
      worker.process.kill('SIGKILL')
      await exit
    }
  }

  return new Promise((resolve, reject) => {
    worker.on('message', (message: ToPrimary) => {
      switch (message.kind) {
        case 'online':
          send({ kind: 'setup', setup: options.setup })
          resolve(member)
          break
        case 'done': pending.get(message.id)?.resolve(message.result); break
        case 'questions': send({ kind: 'answers', answers: answer(message.questions) }); break
        case 'reports': options.reports(message.reports); break
        case 'warning': options.warn(message.where, message.reason); break
        case 'bug': bug(message.where, message.text); break
      }
    })
    worker.on('error', reject)
    worker.once('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : signal
      const error = new Error(`it ended (${how})`)
      reject(error)
      for (const { reject: fail } of pending.values()) fail(error)
      options.ended(member, how)
    })
  })
}
