import type { PlacedFinding } from '../rejection.ts'

/** A config to be compiled. Whoever starts the runtime supplies the compiler, as a child process: the runtime does not contain it. */
export interface CompileRequest {
  /** Absolute folder in which the config is searched, and which file names are relative to. */
  readonly cwd: string
  /** Config file, relative to `cwd`. */
  readonly config?: string
  /** What the bundle says it was made from, where the files do not tell: they were taken out of their repository. */
  readonly revision?: { readonly commit: string, readonly sequence: number }
}

export type CompileResult =
  | { readonly kind: 'bundle', readonly text: string, readonly inputs: readonly string[] }
  /** The user's mistakes. `frames` is the text that `gwc validate` prints. */
  | { readonly kind: 'invalid', readonly diagnostics: readonly PlacedFinding[], readonly frames: string, readonly inputs: readonly string[] }
  /** The compiler could not be run, or did not end in time. */
  | { readonly kind: 'failed', readonly reason: string }

export type Compile = (request: CompileRequest, signal: AbortSignal) => Promise<CompileResult>

/** One sentence for the status; details are in the diagnostics. */
export function compileReason (diagnostics: readonly PlacedFinding[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const [first] = errors
  if (first === undefined) return 'the config does not compile'
  const place = first.file === undefined ? '' : `${first.file}:${first.line}:${first.column}: `
  return `${place}${first.message}${errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`}`
}
