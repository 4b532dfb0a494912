import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { UsageError } from '../usage-error.ts'
import { configFlags, declareConfigFlags, declareReportFlags } from './config-flags.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'
import { successText } from './success-text.ts'

/** `gwc lint`: all that the compiler and its rules find, warnings included; `--fix` mends what can be mended without changing a request. */
export const lint: Command = {
  name: 'lint',
  summary: 'report errors and warnings, and fix what is safe to fix',
  configure (command) {
    declareReportFlags(declareConfigFlags(command))
      .option('--fix', 'apply the safe fixes: they change no request')
      .option('--fix-dry-run', 'print what --fix would change, as a diff')
  },
  async run (_args, options, context) {
    const flags = configFlags(options)
    const dry = options.fixDryRun === true
    if (dry && options.fix === true) throw new UsageError('--fix and --fix-dry-run exclude each other')
    // Fixes are proved to change no request, by the bundles before and after.
    let compilation = await readConfig(flags, dry || options.fix === true ? 'emit' : 'chains', context)
    if (dry || options.fix === true) {
      const { proposeFixes } = await import('../fix/propose.ts')
      const proposal = await proposeFixes(compilation, { cwd: context.cwd, env: context.env, types: flags.types, ...(flags.config !== undefined && { config: flags.config }) })
      for (const note of proposal.refused) context.err(`gwc: ${note}`)
      if (dry) {
        const { diffText } = await import('../fix/diff-text.ts')
        for (const change of proposal.changes) context.out(diffText(change, context.cwd))
        return exitCode.ok
      }
      const { writeFixes } = await import('../fix/write.ts')
      await writeFixes(proposal.changes)
      if (proposal.changes.length > 0) compilation = { ...proposal.after, took: compilation.took }
    }
    const code = await report(compilation, flags, context)
    if (compilation.diagnostics.length === 0 && !flags.quiet && flags.format === 'pretty') context.out(successText('nothing to report', compilation, context.color))
    return code
  }
}
