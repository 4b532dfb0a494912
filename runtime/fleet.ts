import type { DecodedBundle } from './decode.ts'
import type { GatewayReport } from './gateway.ts'
import type { TargetStatus } from './health/target-status.ts'
import type { Rejection } from './rejection.ts'

/** The processes that serve: this one, or several workers. */
export interface Fleet {
  /** All prepare, then all publish; or none, and a rejection says which and why. Calls must not overlap. */
  load (bundle: DecodedBundle): Promise<Rejection | undefined>
  report (): Promise<readonly ProcessReport[]>
  /** Health of all targets. */
  readonly targets: readonly TargetStatus[]
  close (graceMs: number): Promise<void>
}

export interface ProcessReport extends GatewayReport {
  /** 0: the process has no workers; else the number of the worker. */
  readonly worker: number
  readonly pid: number
}
