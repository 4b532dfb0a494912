import { writeFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command as Program } from 'commander'
import type { CommandContext } from '../command.ts'
import type { Plan } from '../plan/plan.ts'
import { UsageError } from '../usage-error.ts'

const planFormats = ['pretty', 'markdown', 'json', 'github', 'sarif'] as const
type PlanFormat = typeof planFormats[number]

interface PlanFormatTarget {
  readonly format: PlanFormat
  readonly file: string | undefined
}

/** Declares `--format` and `--all` of commands that print plans. */
export function declarePlanFormat (command: Program): Program {
  return command
    .addOption(new Option('--format <format>', `${planFormats.join(', ')}; with =FILE written there; may be repeated`)
      .argParser((value: string, previous: readonly PlanFormatTarget[] | undefined) => [...previous ?? [], formatTarget(value)]))
    .option('--all', 'show every change and every region')
}

function formatTarget (value: string): PlanFormatTarget {
  const [, name = '', file] = /^([^=]*)(?:=(.+))?$/.exec(value) ?? []
  const format = planFormats.find((known) => known === name)
  if (format === undefined) throw new InvalidArgumentError(`Formats are ${planFormats.join(', ')}.`)
  return { format, file }
}

/** Prints a plan in every format that was asked for. `root` is the folder of the config, which origins are relative to. */
export async function printPlan (plan: Plan, root: string, options: Readonly<Record<string, unknown>>, context: CommandContext): Promise<void> {
  const targets = (options.format ?? []) as readonly PlanFormatTarget[]
  const [printed, ...others] = targets.filter(({ file }) => file === undefined)
  if (others.length > 0) throw new UsageError('only one --format can go to standard output; give the others a file: --format markdown=comment.md')
  const render = (format: PlanFormat, color: boolean): Promise<string> => rendered(plan, format, { root, color, all: options.all === true }, context)
  context.out(await render(printed?.format ?? 'pretty', context.color))
  for (const { format, file } of targets) if (file !== undefined) await writeFile(resolve(context.cwd, file), await render(format, false))
}

async function rendered (plan: Plan, format: PlanFormat, { root, color, all }: { readonly root: string, readonly color: boolean, readonly all: boolean }, { cwd, env }: CommandContext): Promise<string> {
  const from = relative(env.GITHUB_WORKSPACE ?? cwd, root).replaceAll('\\', '/')
  const prefix = from === '' || from.startsWith('..') ? '' : `${from}/`
  switch (format) {
    case 'pretty': return (await import('../render/plan-text.ts')).planText(plan, { color, all })
    case 'markdown': return (await import('../render/plan-markdown.ts')).planMarkdown(plan, runLink(env))
    case 'json': return (await import('../render/plan-json.ts')).planJson(plan)
    case 'github': return (await import('../render/plan-annotations.ts')).planGithub(plan, prefix)
    case 'sarif': return (await import('../render/plan-annotations.ts')).planSarif(plan, prefix, `${prefix}gateway.config.ts`)
  }
}

/** The run of GitHub Actions or GitLab that this is part of. */
function runLink ({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, CI_JOB_URL: job }: CommandContext['env']): string | undefined {
  return server !== undefined && repository !== undefined && run !== undefined ? `${server}/${repository}/actions/runs/${run}` : job
}
