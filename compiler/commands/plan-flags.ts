import { Option, type Command as Program } from 'commander'
import type { Requirement } from '../approvals/approvals.ts'
import type { CommandContext } from '../command.ts'
import { declareConfigFlags, wholeNumber } from './config-flags.ts'
import type { PlanOptions } from './plan-from-config.ts'

/** Declares what is compared, and how far. */
export function declarePlanFlags (command: Program): Program {
  return declareConfigFlags(command)
    .option('--base <what>', 'what to compare with: git:REF, file:BUNDLE, url:ADDRESS (admin listener or its socket, or a bundle), empty', 'git:HEAD')
    .option('--merge-base', 'with git: compare with the commit from which the two went different ways')
    .option('--approvals <file>', 'approved changes (default: .gateway/approvals.json beside the config)')
    .addOption(new Option('--require-approval <kind>', 'which changes have to be approved (default: weakening in CI, else never)').choices(['never', 'weakening', 'breaking', 'any-change']))
    .addOption(new Option('--budget <states>', 'states of the comparison; past them a change is unknown').argParser(wholeNumber))
}

/** Reads the flags that `declarePlanFlags` declares. */
export function planOptions (options: Readonly<Record<string, unknown>>, { env }: CommandContext): PlanOptions {
  return {
    base: options.base as string,
    config: options.config as string | undefined,
    types: options.types !== false,
    mergeBase: options.mergeBase === true,
    requirement: (options.requireApproval ?? (isCi(env) ? 'weakening' : 'never')) as Requirement,
    approvals: options.approvals as string | undefined,
    budget: options.budget as number | undefined
  }
}

/** Continuous integration, as every system of it says. */
export function isCi ({ CI }: CommandContext['env']): boolean {
  return CI !== undefined && CI !== '' && CI !== '0' && CI !== 'false'
}
