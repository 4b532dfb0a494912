import type { Diagnostic } from '../../schema/diagnostic.ts'

/** The passes in the order in which they run. */
const passNames = ['load', 'types', 'validate', 'resolve', 'automaton', 'check', 'chains', 'emit'] as const
export type PassName = typeof passNames[number]

/** What every pass returns. `output` is undefined exactly when a diagnostic is an error, so no pass can be fed with what a failed one left. */
export interface Outcome<Output> {
  readonly output: Output | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Joins the output of a pass and what it found; errors withhold the output. */
export function outcome<Output> (output: Output, diagnostics: readonly Diagnostic[]): Outcome<Output> {
  return { output: diagnostics.some(({ severity }) => severity === 'error') ? undefined : output, diagnostics }
}

/** Whether a run that stops at `until` comes to `pass`. */
export function reaches (until: PassName, pass: PassName): boolean {
  return passNames.indexOf(pass) <= passNames.indexOf(until)
}
