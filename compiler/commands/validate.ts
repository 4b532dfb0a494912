import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { configFlags, declareConfigFlags, declareReportFlags } from './config-flags.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'
import { successText } from './success-text.ts'

/** `gwc validate`: everything that makes a bundle impossible, and nothing else. */
export const validate: Command = {
  name: 'validate',
  summary: 'check that a bundle can be made of the config (errors only)',
  configure (command) {
    declareReportFlags(declareConfigFlags(command))
  },
  async run (_args, options, context) {
    const flags = configFlags(options)
    const compilation = await readConfig(flags, 'chains', context)
    const code = await report(compilation, flags, context, true)
    if (code === exitCode.ok && !flags.quiet && flags.format === 'pretty') context.out(successText('valid', compilation, context.color))
    return code
  }
}
