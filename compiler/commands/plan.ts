import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from 'commander'
import type { ApprovalRecord } from '../approvals/approvals.ts'
import type { Command, CommandContext } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { BaseError } from '../base-error.ts'
import type { Plan } from '../plan/plan.ts'
import type { TrafficProfile } from '../replay/traffic.ts'
import { configFlags, wholeNumber } from './config-flags.ts'
import { baseAhead } from './plan-base.ts'
import { declarePlanFlags, isCi, planOptions } from './plan-flags.ts'
import { declarePlanFormat, printPlan } from './plan-formats.ts'
import { planConfig } from './plan-from-config.ts'
import type { PlannedConfig } from './plan-from-config.ts'
import { report } from './report.ts'

/** `gwc plan`: what the working tree changes for requests, compared with what is there now. */
export const plan: Command = {
  name: 'plan',
  summary: 'say what changes for requests, and prove that nothing else does',
  configure (command) {
    declarePlanFormat(declarePlanFlags(command))
      .option('--out <file>', 'write the plan there as JSON, for gwc show and gwc approve')
      .option('--traffic <file>', 'profile that gwc replay wrote: says how many requests each change is about')
      .option('--detailed-exitcode', 'exit with 2 when there are changes')
      .addOption(new Option('--on-unknown <what>', 'when something could not be told (default: fail in CI, else warn)').choices(['fail', 'warn']))
      .addOption(new Option('--verify-witness <number>', 'send this many witnesses through the runtime of both sides').argParser(wholeNumber).default(50))
      .option('--allow-stale', 'plan also when the base has commits that the working tree lacks')
  },
  async run (_args, options, context) {
    const wanted = planOptions(options, context)
    const { compilation, planned } = await planConfig(wanted, context)
    if (planned === undefined) return await report(compilation, configFlags({ ...options, format: [] }), { ...context, out: context.err }, true)
    const { unused, base, head } = planned
    const { executeWitnesses } = await import('./execute-witnesses.ts')
    const weighed = typeof options.traffic === 'string' ? await weigh(resolve(context.cwd, options.traffic), planned) : planned.plan
    const plan = await executeWitnesses(weighed, base.side, head.side, options.verifyWitness as number, context)
    await printPlan(plan, compilation.root, options, context)
    if (typeof options.out === 'string') await writeFile(resolve(context.cwd, options.out), (await import('../render/plan-json.ts')).planJson(plan))
    for (const record of unused) context.err(unusedText(record))
    const behind = options.allowStale === true ? 0 : await baseAhead(wanted, context)
    if (behind > 0) {
      context.err(`gwc: ${wanted.base.slice('git:'.length)} has ${behind} commit${behind === 1 ? '' : 's'} that the working tree lacks: what they brought looks removed here. Merge or rebase, or plan with --merge-base`)
      return exitCode.stale
    }
    const failOnUnknown = options.onUnknown === undefined ? isCi(context.env) : options.onUnknown === 'fail'
    return codeOf(plan, failOnUnknown, options.detailedExitcode === true, context)
  }
}

async function weigh (file: string, { plan, base, head }: NonNullable<PlannedConfig['planned']>): Promise<Plan> {
  const [{ profiledRequests, weighPlan }, text] = await Promise.all([import('../replay/traffic.ts'), readFile(file, 'utf8')])
  const profile = readProfile(text)
  if (typeof profile === 'string') throw new BaseError(`${file}: ${profile}`, exitCode.invalid)
  return weighPlan(plan, base.side, head.side, profiledRequests(profile)).plan
}

function readProfile (text: string): TrafficProfile | string {
  try {
    const profile = JSON.parse(text) as Partial<TrafficProfile>
    return profile.formatVersion?.startsWith('1.') === true && Array.isArray(profile.classes) ? profile as TrafficProfile : 'not a traffic profile: gwc replay --profile-out writes one'
  } catch (error) {
    return `not JSON: ${(error as Error).message}`
  }
}

/** The highest that applies. */
function codeOf ({ verdict, needsApproval }: Plan, failOnUnknown: boolean, detailed: boolean, { err }: CommandContext): number {
  if (verdict === 'unknown' && failOnUnknown) return exitCode.inconclusive
  if (needsApproval) {
    err('gwc: changes have to be approved')
    return exitCode.approvalMissing
  }
  return detailed && verdict !== 'unchanged' ? exitCode.changes : exitCode.ok
}

function unusedText ({ what, by, fingerprint }: ApprovalRecord): string {
  return `gwc: no change of this plan needs the approval of ${by} for '${what}' (${fingerprint.slice(0, 19)}); it can be deleted once it is deployed`
}
