import type { Problem, Severity } from '../../schema/diagnostic.ts'
import type { Finding } from './finding.ts'

/** What a diagnostics renderer gets: pure data, so that each format is a function from report to text. */
export interface Report {
  readonly findings: readonly Finding[]
  /** Warnings that a `gwc-disable-next-line` silenced. */
  readonly suppressed: readonly { readonly finding: Finding, readonly reason: string }[]
  /** Text of a file that a span names, or undefined when it cannot be read. */
  readonly read: (file: string) => string | undefined
  /** Looks up the catalogue. */
  readonly problem: (code: string) => Problem | undefined
  readonly version: string
}

/** How many findings there are of each severity. */
export function severityCounts (findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { diagnostic } of findings) counts[diagnostic.severity]++
  return counts
}

/** `2 errors`, `1 warning`. */
export function counted (count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`
}

/** Text without the characters that could command a terminal or forge a line of a log. */
export function printable (text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '�')
}
