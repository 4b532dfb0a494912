import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { readPlan } from '../render/plan-json.ts'
import { BaseError } from '../base-error.ts'
import { loadBase } from './plan-base.ts'
import { declarePlanFormat, printPlan } from './plan-formats.ts'

/** `gwc show PLAN`: a saved plan once more, in another format, or whether it still holds. */
export const show: Command = {
  name: 'show',
  summary: 'print a saved plan',
  configure (command) {
    declarePlanFormat(command)
      .argument('<plan>', 'file that gwc plan --out wrote')
      .option('--config <file>', 'config file, for --base git:')
      .option('--base <what>', 'exit with 6 unless the plan was made against this')
  },
  async run ([file = ''], options, context) {
    const plan = readPlan(await readFile(resolve(context.cwd, file), 'utf8'))
    if (typeof plan === 'string') throw new BaseError(`${file}: ${plan}`, exitCode.invalid)
    await printPlan(plan, context.cwd, options, context)
    if (typeof options.base !== 'string') return exitCode.ok
    const { about } = await loadBase({ base: options.base, config: options.config as string | undefined, mergeBase: false }, context)
    if (about.semantic === plan.base.semantic) return exitCode.ok
    context.err(`gwc: the plan is stale: ${options.base} treats requests otherwise than when it was made (${about.semantic?.slice(0, 19) ?? 'nothing'}, not ${plan.base.semantic?.slice(0, 19) ?? 'nothing'})`)
    return exitCode.stale
  }
}
