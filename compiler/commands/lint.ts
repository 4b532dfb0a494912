import { relative } from 'node:path'
import type { Command, CommandContext } from '../command.ts'
import type { Compilation } from '../compile.ts'
import { exitCode } from '../exit-code.ts'
import { UsageError } from '../usage-error.ts'
import { baselineOf } from '../lint/baseline.ts'
import { counted } from '../render/report.ts'
import { configFlags, declareConfigFlags, declareReportFlags } from './config-flags.ts'
import type { ConfigFlags } from './config-flags.ts'
import { baselinePath, readLintState, writeBaseline } from './lint-state.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'
import { weighed } from './report-of.ts'
import { successText } from './success-text.ts'

/** `gwc lint`: all that the compiler and its rules find, warnings included; `--fix` mends what can be mended without changing a request. */
export const lint: Command = {
  name: 'lint',
  summary: 'report errors and warnings, and fix what is safe to fix',
  configure (command) {
    declareReportFlags(declareConfigFlags(command))
      .option('--fix', 'apply the safe fixes: they change no request')
      .option('--fix-dry-run', 'print what --fix would change, as a diff')
      .option('--update-baseline', 'take all that is found now, but errors and locked codes, as known')
      .option('--prune-baseline', 'take what is not found any more out of the baseline')
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
    await keepBaseline(compilation, flags, options, context)
    const code = await report(compilation, flags, context)
    if (compilation.diagnostics.length === 0 && !flags.quiet && flags.format === 'pretty') context.out(successText('nothing to report', compilation, context.color))
    return code
  }
}

/** Writes the baseline where that was asked for; else says what it could lose. */
async function keepBaseline (compilation: Compilation, flags: ConfigFlags, { updateBaseline, pruneBaseline }: Readonly<Record<string, unknown>>, { cwd, err }: CommandContext): Promise<void> {
  const path = baselinePath(compilation.root, flags.baseline, cwd)
  const state = await readLintState(compilation.root, flags, cwd)
  if (updateBaseline !== true && state.baseline.length === 0) return
  const { excusable, gone } = await weighed(compilation, cwd, state)
  if (updateBaseline === true) {
    const entries = baselineOf(excusable)
    await writeBaseline(path, entries)
    err(`gwc: ${relative(cwd, path)}: ${counted(entries.length, 'finding')} known`)
  } else if (gone.length > 0 && pruneBaseline === true) {
    await writeBaseline(path, state.baseline.filter((entry) => !gone.includes(entry)))
    err(`gwc: ${relative(cwd, path)}: ${counted(gone.length, 'finding')} taken out`)
  } else if (gone.length > 0) err(`gwc: ${counted(gone.length, 'finding')} of the baseline ${gone.length === 1 ? 'is' : 'are'} gone; --prune-baseline takes ${gone.length === 1 ? 'it' : 'them'} out`)
}
