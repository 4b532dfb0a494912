import { performance } from 'node:perf_hooks'
import type { Diagnostic } from '../../schema/diagnostic.ts'
import type { Outcome, PassName } from './pass.ts'

/** What passes found and how long they took. */
export interface PassLog {
  /** Runs a pass (or a step of one) and notes it. */
  run<Result extends Outcome<unknown>> (name: PassName, pass: () => Result | Promise<Result>): Promise<Result>
  /** Adds what another log holds. */
  append (other: PassLog): void
  summary (): { readonly diagnostics: readonly Diagnostic[], readonly timings: Readonly<Partial<Record<PassName, number>>> }
}

/** More errors than this help nobody, and a hostile config could report millions. */
const mostErrors = 100

/** An empty log. */
export function createPassLog (): PassLog {
  const diagnostics: Diagnostic[] = []
  const timings: Partial<Record<PassName, number>> = {}
  let errors = 0

  function note (name: PassName, found: readonly Diagnostic[], time: number): void {
    timings[name] = (timings[name] ?? 0) + time
    for (const diagnostic of found) {
      if (diagnostic.severity === 'error' && ++errors > mostErrors) continue
      diagnostics.push(diagnostic)
    }
  }

  return {
    async run (name, pass) {
      const start = performance.now()
      const result = await pass()
      note(name, result.diagnostics, performance.now() - start)
      return result
    },
    append (other) {
      const { diagnostics: found, timings: times } = other.summary()
      for (const [name, time] of Object.entries(times)) timings[name as PassName] = time
      for (const diagnostic of found) if (diagnostic.severity !== 'error' || ++errors <= mostErrors) diagnostics.push(diagnostic)
    },
    summary: () => ({ diagnostics, timings })
  }
}
