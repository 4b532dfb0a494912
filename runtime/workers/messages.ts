import type { DecodedBundle } from '../decode.ts'
import type { GatewayReport } from '../gateway.ts'
import type { TargetReport, TargetStatus } from '../health/target-status.ts'
import type { LedgerKey } from '../policies.ts'
import type { Rejection } from '../rejection.ts'
import type { WorkerPlace } from './share-limits.ts'

/** What the primary process tells a worker. */
export type ToWorker =
  | { readonly kind: 'setup', readonly setup: WorkerSetup }
  | { readonly kind: 'prepare', readonly id: number, readonly bundle: DecodedBundle }
  /** Of what was prepared last. */
  | { readonly kind: 'publish', readonly id: number }
  | { readonly kind: 'abandon', readonly id: number }
  | { readonly kind: 'report', readonly id: number }
  | { readonly kind: 'answers', readonly answers: readonly LedgerAnswer[] }
  | { readonly kind: 'judge', readonly statuses: readonly TargetStatus[] }
  | { readonly kind: 'close', readonly id: number, readonly graceMs: number }

/** What a worker tells the primary process. */
export type ToPrimary =
  | { readonly kind: 'online' }
  | { readonly kind: 'done', readonly id: number, readonly result: Rejection | GatewayReport | null }
  | { readonly kind: 'questions', readonly questions: readonly LedgerQuestion[] }
  | { readonly kind: 'reports', readonly reports: readonly TargetReport[] }
  | { readonly kind: 'warning', readonly where: string, readonly reason: string }
  | { readonly kind: 'bug', readonly where: string, readonly text: string }

export interface WorkerSetup {
  readonly place: WorkerPlace
  readonly secretsFolder: string | undefined
  readonly zone: string | undefined
  readonly drainMs: number | undefined
  readonly accessLog: boolean
}

export interface LedgerQuestion {
  readonly id: number
  readonly key: LedgerKey
  readonly query: unknown
}

export interface LedgerAnswer {
  readonly id: number
  readonly answer?: unknown
  /** In place of an answer. */
  readonly fault?: string
}
