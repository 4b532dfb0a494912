/** Where on its way a bundle was refused. */
export type RejectionPhase = 'fetch' | 'trust' | 'compile' | 'read' | 'verify' | 'prepare' | 'bind' | 'self-test'

/** One finding of the compiler, with its place already looked up. */
export interface PlacedFinding {
  readonly code: string
  readonly severity: string
  readonly message: string
  readonly help?: string
  /** Relative to the root of what was compiled. */
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  readonly column?: number
}

/** Why a bundle is not served. The active one goes on. */
export interface Rejection {
  readonly phase: RejectionPhase
  /** One sentence for people. */
  readonly reason: string
  /** Only of phase `compile`. */
  readonly diagnostics?: readonly PlacedFinding[]
  /** The same with code frames, as `gwc validate` prints them. */
  readonly frames?: string
}

export function isRejection (value: object): value is Rejection {
  return 'phase' in value && 'reason' in value
}

export function rejection (phase: RejectionPhase, reason: string): Rejection {
  return { phase, reason }
}
