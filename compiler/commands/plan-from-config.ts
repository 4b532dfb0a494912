import type { CommandContext } from '../command.ts'
import { approve } from '../approvals/approvals.ts'
import type { ApprovalRecord, Requirement } from '../approvals/approvals.ts'
import type { Plan } from '../plan/plan.ts'
import { version } from '../version.ts'
import { readApprovals } from './approvals-file.ts'
import { aboutBundle, loadBase, sideOfBundle } from './plan-base.ts'
import type { BaseOptions, LoadedSide } from './plan-base.ts'
import { readConfig } from './read-config.ts'
import type { TimedCompilation } from './read-config.ts'

export interface PlanOptions extends BaseOptions {
  readonly types: boolean
  readonly requirement: Requirement
  /** File of approvals; default beside the config. */
  readonly approvals: string | undefined
  /** States of the product; default of `walkClasses`. */
  readonly budget: number | undefined
}

/** A plan of the config in the working tree, or the compilation that failed. */
export interface PlannedConfig {
  readonly compilation: TimedCompilation
  /** Undefined: the config does not compile. */
  readonly planned: { readonly plan: Plan, readonly unused: readonly ApprovalRecord[], readonly base: LoadedSide, readonly head: LoadedSide, readonly took: number } | undefined
}

/** Compiles base and head and compares them; approvals are in the plan. */
export async function planConfig (options: PlanOptions, context: CommandContext): Promise<PlannedConfig> {
  const compilation = await readConfig(options, 'emit', context)
  const { bundle } = compilation
  if (bundle === undefined) return { compilation, planned: undefined }
  const side = sideOfBundle(bundle)
  const head: LoadedSide = { side, about: aboutBundle('worktree', 'working tree', side) }
  const base = await loadBase(options, context)
  const [{ makePlan }, { registry }] = await Promise.all([import('../plan/make-plan.ts'), import('../../policies/registry.ts')])
  const start = performance.now()
  const made = makePlan({ before: base.side, after: head.side, base: base.about, head: head.about, registry, version, ...(options.budget === undefined ? {} : { budget: { states: options.budget } }) })
  const records = await readApprovals(compilation.root, options.approvals, context.cwd)
  const { plan, unused } = approve(made, records, options.requirement, new Date().toISOString().slice(0, 10))
  return { compilation, planned: { plan, unused, base, head, took: performance.now() - start } }
}
