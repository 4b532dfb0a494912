import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { isDay } from '../approvals/approvals.ts'
import type { ApprovalRecord } from '../approvals/approvals.ts'
import type { Command, CommandContext } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import type { Change, Plan } from '../plan/plan.ts'
import { readPlan } from '../render/plan-json.ts'
import { regionText } from '../render/region-text.ts'
import { UsageError } from '../usage-error.ts'
import { approvalsPath, readApprovals, writeApprovals } from './approvals-file.ts'
import { BaseError } from '../base-error.ts'
import { configFlags } from './config-flags.ts'
import { declarePlanFlags, planOptions } from './plan-flags.ts'
import { planConfig } from './plan-from-config.ts'
import { report } from './report.ts'

/** `gwc approve CHANGE…`: notes that changes of a plan are wanted. */
export const approve: Command = {
  name: 'approve',
  summary: 'approve changes of a plan, in .gateway/approvals.json',
  configure (command) {
    declarePlanFlags(command)
      .argument('<changes...>', 'changes of the plan: c1, c2, or the beginning of a fingerprint')
      .requiredOption('--reason <text>', 'why the change is wanted')
      .option('--plan <file>', 'plan that gwc plan --out wrote (default: plans again)')
      .option('--expires <day>', 'last day on which it holds: 2027-01-31')
      .option('--by <who>', 'who approves (default: user.email of git)')
  },
  async run (changes, options, context) {
    const reason = (options.reason as string).trim()
    if (reason === '') throw new UsageError('--reason: say why the change is wanted')
    const expires = options.expires ?? null
    if (expires !== null && !isDay(expires)) throw new UsageError('--expires: write a day: 2027-01-31')
    const found = await planToApprove(options, context)
    if (typeof found === 'number') return found
    const { plan, root } = found
    const chosen = [...new Set(changes.map((name) => find(plan, name)))]
    const by = typeof options.by === 'string' ? options.by : await whoami(context)
    const file = options.approvals as string | undefined
    const records = await readApprovals(root, file, context.cwd).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const fingerprints = new Set(chosen.map(({ fingerprint }) => fingerprint))
    const approved = new Date().toISOString().slice(0, 10)
    const added = chosen.map(({ fingerprint, codes, regions }): ApprovalRecord => ({ fingerprint, codes, what: whatText(regions), reason, by, approved, expires: expires as string | null }))
    const path = approvalsPath(root, file, context.cwd)
    await writeApprovals(path, [...records.filter(({ fingerprint }) => !fingerprints.has(fingerprint)), ...added])
    for (const { what } of added) context.out(`✓ approved: ${what}`)
    context.out(`  in ${relative(context.cwd, path)}; commit it with the change`)
    return exitCode.ok
  }
}

async function planToApprove (options: Readonly<Record<string, unknown>>, context: CommandContext): Promise<{ readonly plan: Plan, readonly root: string } | number> {
  if (typeof options.plan === 'string') {
    const plan = readPlan(await readFile(resolve(context.cwd, options.plan), 'utf8'))
    if (typeof plan === 'string') throw new BaseError(`${options.plan}: ${plan}`, exitCode.invalid)
    return { plan, root: context.cwd }
  }
  const { compilation, planned } = await planConfig(planOptions(options, context), context)
  if (planned === undefined) return await report(compilation, configFlags({ ...options, format: [] }), { ...context, out: context.err }, true)
  return { plan: planned.plan, root: compilation.root }
}

function find ({ changes }: Plan, name: string): Change {
  const found = changes.filter(({ id, fingerprint }) => id === name || (name.length >= 8 && fingerprint.replace('sha256:', '').startsWith(name.replace('sha256:', ''))))
  if (found.length === 1) return found[0]!
  throw new UsageError(changes.length === 0 ? `the plan has no changes, so there is no ${name}` : `there is no change ${name}; the plan has ${changes.map(({ id }) => id).join(', ')}`)
}

function whatText (regions: Change['regions']): string {
  const [first, ...more] = regions
  return first === undefined ? '' : `${regionText(first)}${more.length === 0 ? '' : ` and ${more.length} more`}`
}

async function whoami ({ cwd, env }: CommandContext): Promise<string> {
  const email = await new Promise<string>((resolve) => { execFile('git', ['config', 'user.email'], { cwd, timeout: 5_000 }, (_error, output) => { resolve(output.trim()) }) })
  const name = email === '' ? env.USER ?? '' : email
  if (name === '') throw new UsageError('--by: say who approves')
  return name
}
