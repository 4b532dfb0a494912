import type { GatewayEvaluation } from '../../schema/builders/document-of.ts'

/** File name of the evaluated script in stack traces. */
export const scriptName = 'gwc:config'

/** A position in the evaluated script; both 1-based. */
export interface RawPosition {
  readonly line: number
  readonly column: number
}

/** What a config reached for that could differ from one machine or moment to the next. */
export type Impurity = 'clock' | 'randomness' | 'network' | 'files' | 'timer' | 'environment' | 'locale'

/** What the parent sends to the child that evaluates a config. */
export interface EvaluationRequest {
  readonly code: string
  /** What `env()` may read. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds after which evaluation is ended. */
  readonly timeout: number
}

/** Something that the config did, and where. */
interface Finding {
  readonly at: RawPosition | undefined
}

/** What the child answers with: what the config read and did, and either a gateway or what came instead. */
export interface EvaluationReply {
  readonly env: readonly string[]
  /** Inputs that are missing or of the wrong form. */
  readonly inputs: readonly (Finding & { readonly problem: 'missing' | 'invalid', readonly message: string })[]
  readonly impure: readonly (Finding & { readonly what: Impurity, readonly api: string })[]
  readonly logs: readonly (Finding & { readonly text: string })[]
  readonly result:
    | { readonly kind: 'gateway' } & GatewayEvaluation
    | { readonly kind: 'no-gateway', readonly got: string }
    | { readonly kind: 'threw', readonly name: string, readonly message: string, readonly frames: readonly RawPosition[] }
    | { readonly kind: 'timeout' }
}
