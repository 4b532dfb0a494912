import { InvalidArgumentError, Option, type Command as Program } from 'commander'
import type { Severity } from '../../schema/diagnostic.ts'
import { UsageError } from '../usage-error.ts'

const reportFormats = ['pretty', 'compact', 'json', 'sarif', 'github'] as const
export type ReportFormat = typeof reportFormats[number]

/** One `--format`: for standard output, or for a file. */
interface FormatTarget {
  readonly format: ReportFormat
  readonly file: string | undefined
}

/** The flags of every command that reads a config. */
export interface ConfigFlags {
  readonly config: string | undefined
  readonly types: boolean
  /** What goes to standard output. */
  readonly format: ReportFormat
  /** What goes to files besides. */
  readonly files: readonly { readonly format: ReportFormat, readonly file: string }[]
  readonly quiet: boolean
  readonly failOn: Severity
  readonly maxWarnings: number
  /** Levels of codes: `upstream/unused=off`. */
  readonly rules?: readonly string[]
  /** Relative to where the command runs. */
  readonly baseline?: string | undefined
}

/** Declares `--config` and `--no-types`. */
export function declareConfigFlags (command: Program): Program {
  return command
    .option('--config <file>', 'config file (default: gateway.config.{ts,mts,js,mjs,json} here or in a folder above)')
    .option('--no-types', 'leave out the type check')
}

/** Declares how findings are reported and which of them fail the command. */
export function declareReportFlags (command: Program): Program {
  return command
    .addOption(new Option('--format <format>', `${reportFormats.join(', ')}; with =FILE written there; may be repeated`)
      .argParser((value: string, previous: readonly FormatTarget[] | undefined) => [...previous ?? [], formatTarget(value)]))
    .option('--quiet', 'report errors only')
    .addOption(new Option('--fail-on <severity>', 'fail from this severity on').choices(['error', 'warning', 'info']).default('error'))
    .addOption(new Option('--max-warnings <number>', 'fail when there are more warnings').argParser(wholeNumber))
    .addOption(new Option('--rule <code=level>', 'level of a code: off, info, warning, error; may be repeated').argParser(repeated))
    .option('--baseline <file>', 'findings that are known (default: .gateway/lint-baseline.json beside the config)')
}

function formatTarget (value: string): FormatTarget {
  const [, name = '', file] = /^([^=]*)(?:=(.+))?$/.exec(value) ?? []
  const format = reportFormats.find((known) => known === name)
  if (format === undefined) throw new InvalidArgumentError(`Formats are ${reportFormats.join(', ')}.`)
  return { format, file }
}

/** Collects the arguments of an option that may be repeated. */
export function repeated (value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...previous ?? [], value]
}

/** An option's argument that counts something. */
export function wholeNumber (value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('Not a whole number.')
  return Number(value)
}

/** Reads the flags that the two functions above declare. */
export function configFlags (options: Readonly<Record<string, unknown>>): ConfigFlags {
  const targets = (options.format ?? []) as readonly FormatTarget[]
  const [printed, ...others] = targets.filter(({ file }) => file === undefined)
  if (others.length > 0) throw new UsageError('only one --format can go to standard output; give the others a file: --format sarif=report.sarif')
  return {
    config: options.config as string | undefined,
    types: options.types !== false,
    format: printed?.format ?? 'pretty',
    files: targets.flatMap(({ format, file }) => file === undefined ? [] : [{ format, file }]),
    quiet: options.quiet === true,
    failOn: (options.failOn ?? 'error') as Severity,
    maxWarnings: (options.maxWarnings ?? Infinity) as number,
    rules: (options.rule ?? []) as readonly string[],
    baseline: options.baseline as string | undefined
  }
}
