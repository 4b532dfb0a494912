import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import { cookieValue, queryValue } from '../../runtime/http/fields.ts'
import type { Command, CommandContext } from '../command.ts'
import { BaseError } from '../base-error.ts'
import { exitCode } from '../exit-code.ts'
import type { Plan } from '../plan/plan.ts'
import { formatOf, logFormats, readLog } from '../replay/read-log.ts'
import type { LogFormat } from '../replay/read-log.ts'
import type { ReplayedLog } from '../replay/traffic.ts'
import { configFlags } from './config-flags.ts'
import { declarePlanFlags, planOptions } from './plan-flags.ts'
import { declarePlanFormat, printPlan } from './plan-formats.ts'
import { planConfig } from './plan-from-config.ts'
import { report } from './report.ts'

interface Limit { readonly kind: 'weakening' | 'breaking' | 'other' | 'unknown', readonly percent: number }

/** `gwc replay LOG`: what the working tree would have changed for the requests of a log. */
export const replay: Command = {
  name: 'replay',
  summary: 'say how many requests of an access log the changes of the working tree are about',
  configure (command) {
    declarePlanFormat(declarePlanFlags(command))
      .argument('<logs...>', 'access logs: of gwc serve, of Envoy (JSON), of nginx (combined), or HAR')
      .addOption(new Option('--log-format <format>', 'default: by how the log begins').choices([...logFormats]))
      .option('--listener <name>', 'listener that took the requests, where the log names none')
      .option('--profile-out <file>', 'write the traffic profile there, for gwc plan --traffic: classes and counts, nothing of those who asked')
      .addOption(new Option('--fail-over <limits>', 'fail when changes of a kind are about more of the requests: weakening=0,breaking=0.1%').argParser(limits))
  },
  async run (logs, options, context) {
    const { compilation, planned } = await planConfig(planOptions(options, context), context)
    if (planned === undefined) return await report(compilation, configFlags({ ...options, format: [] }), { ...context, out: context.err }, true)
    const { replayLog, weighPlan } = await import('../replay/traffic.ts')
    const { requests, unread } = await readLogs(logs, options.logFormat as LogFormat | undefined, context)
    const replayed = replayLog(requests, planned.base.side, options.listener as string | undefined, { query: queryValue, cookie: cookieValue })
    if (typeof replayed === 'string') throw new BaseError(replayed, exitCode.inconclusive)
    if (typeof options.profileOut === 'string') await writeFile(resolve(context.cwd, options.profileOut), `${JSON.stringify(replayed.profile, null, 2)}\n`)
    const { plan, uncertain } = weighPlan(planned.plan, planned.base.side, planned.head.side, replayed.requests)
    await printPlan(plan, compilation.root, options, context)
    context.err(summary(replayed, unread, uncertain))
    const over = ((options.failOver ?? []) as readonly Limit[]).flatMap((limit) => exceeded(limit, plan, replayed))
    for (const text of over) context.err(`gwc: ${text}`)
    return over.length > 0 ? exitCode.testFailed : exitCode.ok
  }
}

async function readLogs (files: readonly string[], format: LogFormat | undefined, { cwd }: CommandContext): Promise<ReturnType<typeof readLog>> {
  const read = await Promise.all(files.map(async (file) => {
    const text = await readFile(resolve(cwd, file), 'utf8')
    const known = format ?? formatOf(text)
    if (known === undefined) throw new BaseError(`${file} is none of the formats ${logFormats.join(', ')}; --log-format names one`, exitCode.invalid)
    return readLog(text, known)
  }))
  return { requests: read.flatMap(({ requests }) => requests), unread: read.reduce((sum, one) => sum + one.unread, 0) }
}

/** Whether the log is one of the base at all. */
function summary ({ profile, undetermined, agreement: { agreed, compared } }: ReplayedLog, unread: number, uncertain: number): string {
  const share = compared === 0 ? undefined : agreed / compared
  return [
    `gwc: ${profile.requests.toLocaleString('en')} requests of the log, in ${profile.classes.length} classes`,
    ...(undetermined === 0 ? [] : [`${undetermined.toLocaleString('en')} undetermined: their class depends on fields that the log does not have`]),
    ...(uncertain === 0 ? [] : [`${uncertain.toLocaleString('en')} uncertain: the new config asks for fields that the log does not have, so they count for every change that may be about them`]),
    ...(unread === 0 ? [] : [`${unread.toLocaleString('en')} lines are no requests that a gateway matches`]),
    ...(share === undefined ? [] : [`the base decides ${(100 * share).toFixed(1)} % of them as logged${share < 0.99 ? '; was this log written by another config?' : ''}`])
  ].join('; ')
}

function exceeded ({ kind, percent }: Limit, { changes }: Plan, { profile }: ReplayedLog): string[] {
  const own = changes.filter((change) => change.kind === kind)
  if (own.length === 0) return []
  // Without data nothing can be said to be rare.
  if (profile.requests === 0) return [`there are ${kind} changes, and the log has no requests to weigh them by`]
  const share = own.reduce((sum, { traffic }) => sum + (traffic?.share ?? 0), 0)
  return 100 * share > percent ? [`${kind} changes are about ${(100 * share).toFixed(3)} % of the requests, more than ${percent} %`] : []
}

function limits (value: string): readonly Limit[] {
  return value.split(',').map((part) => {
    const [, kind, percent] = /^(weakening|breaking|other|unknown)=(\d+(?:\.\d+)?)%?$/.exec(part) ?? []
    if (kind === undefined) throw new InvalidArgumentError('Write weakening=0,breaking=0.1%.')
    return { kind: kind as Limit['kind'], percent: Number(percent) }
  })
}
