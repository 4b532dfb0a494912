import type { Analysis } from '../../schema/automaton/analysis.ts'
import type { Diagnostic, Place, Problem } from '../../schema/diagnostic.ts'
import type { Config } from '../../schema/document.ts'
import type { Pointer } from '../../schema/origin.ts'
import type { Resolved, ResolvedInvariant } from '../../schema/resolved.ts'
import type { ProbedWalk } from '../plan/probed-walk.ts'

/** All that a rule may look at. Rules are pure: the same context gives the same diagnostics in the same order. */
export interface RuleContext {
  readonly config: Config
  readonly resolved: Resolved
  readonly analysis: Analysis
  /** The place of the value at a JSON pointer into the document, and at `rest` inside it. */
  place (pointer: string, rest?: Pointer): Place
  /** The requests of an invariant, class by class, with what becomes of them. */
  walkOf (invariant: ResolvedInvariant): ProbedWalk
}

/** One lint rule: a file in this folder and a line in `index.ts`. It reports its own code only, with its own severity. */
export interface Rule extends Problem {
  check (context: RuleContext): readonly Diagnostic[]
}
