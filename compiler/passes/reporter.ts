import type { Diagnostic, Problem } from '../../schema/diagnostic.ts'

/** Makes diagnostics of the given catalogue entries; the severity is the entry's, and a code that is not there does not compile. */
export function reporter<const Problems extends readonly Problem[]> (problems: Problems) {
  const severities = new Map(problems.map(({ code, severity }) => [code, severity]))
  return (code: Problems[number]['code'], message: string, rest: Omit<Diagnostic, 'code' | 'severity' | 'message'> = {}): Diagnostic =>
    ({ code, severity: severities.get(code) ?? 'error', message, ...rest })
}
