import { writeFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import type { Severity } from '../../schema/diagnostic.ts'
import type { CommandContext } from '../command.ts'
import type { Compilation } from '../compile.ts'
import { exitCode } from '../exit-code.ts'
import type { Report } from '../render/report.ts'
import { severityCounts } from '../render/report.ts'
import type { ConfigFlags, ReportFormat } from './config-flags.ts'
import { readLintState } from './lint-state.ts'
import type { LintState } from './lint-state.ts'
import { reportOf } from './report-of.ts'

const weight: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 }

/**
 * Prints what the compiler found in every format that was asked for, and answers the exit code. `errorsOnly` is for commands to which a warning
 * does not matter; `--quiet` only hides them.
 */
export async function report (compilation: Compilation, flags: ConfigFlags, context: CommandContext, errorsOnly = false): Promise<number> {
  const lint = await readLintState(compilation.root, flags, context.cwd)
  const render = (format: ReportFormat, color: boolean): Promise<string> => rendered(compilation, lint, format, errorsOnly || flags.quiet, context, color)
  context.out(await render(flags.format, context.color))
  for (const { format, file } of flags.files) await writeFile(resolve(context.cwd, file), await render(format, false))
  return verdict(await reportOf(compilation, context.cwd, errorsOnly, lint), flags)
}

/** 1 when a finding is at or above `--fail-on`, or when there are more warnings than `--max-warnings`. */
function verdict ({ findings }: Report, { failOn, maxWarnings }: ConfigFlags): number {
  const failing = findings.some(({ diagnostic }) => weight[diagnostic.severity] >= weight[failOn])
  return failing || severityCounts(findings).warning > maxWarnings ? exitCode.invalid : exitCode.ok
}

async function rendered (compilation: Compilation, lint: LintState, format: ReportFormat, errorsOnly: boolean, context: CommandContext, color: boolean): Promise<string> {
  const base = shownFrom(format, compilation.root, context)
  const found = await reportOf(compilation, base, errorsOnly, lint)
  switch (format) {
    case 'pretty': return (await import('../render/pretty.ts')).pretty(found, color)
    case 'compact': return (await import('../render/compact.ts')).compact(found)
    case 'json': return (await import('../render/json.ts')).json(found)
    case 'sarif': return (await import('../render/sarif.ts')).sarif(found, base)
    case 'github': return (await import('../render/github.ts')).github(found)
  }
}

/** GitHub knows files by their path in the repository, people by their path from where they stand. */
function shownFrom (format: ReportFormat, root: string, { cwd, env }: CommandContext): string {
  const workspace = env.GITHUB_WORKSPACE
  const inside = workspace !== undefined && workspace !== '' && !/^\.\.(?:[\\/]|$)/.test(relative(workspace, root))
  return inside && (format === 'github' || format === 'sarif') ? workspace : cwd
}
