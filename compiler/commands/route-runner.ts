import { resolve } from 'node:path'
import { compile } from '../compile.ts'
import type { Compilation } from '../compile.ts'
import type { Resolved } from '../../schema/resolved.ts'
import { BaseError } from '../base-error.ts'
import { exitCode } from '../exit-code.ts'
import type { RouteExpectation } from '../route-test/expectation.ts'
import { judge } from '../route-test/judge.ts'
import { pretty } from '../render/pretty.ts'
import { reportOf } from './report-of.ts'
import { startTrial } from './trial-gateway.ts'
import type { TrialGateway } from './trial-gateway.ts'
import type { TrialRequest } from '../trial.ts'
import { trialRequest } from './trial-requests.ts'

/** What is wrong with one expectation, a line each; empty: it holds. */
export async function runExpectation (expectation: RouteExpectation, resolved: Resolved, trial: TrialGateway): Promise<readonly string[]> {
  return judge(expectation.expected, await trial.send(requestOf(expectation, resolved)))
}

/** The request of an expectation as a gateway is sent it. */
export function requestOf ({ line, options }: RouteExpectation, resolved: Resolved): TrialRequest {
  const { headers = {}, body, listener } = options
  const json = body !== undefined && typeof body !== 'string'
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  const fields = Object.entries(json && !named ? { ...headers, 'content-type': 'application/json' } : headers).map(([name, value]) => `${name}: ${value}`)
  return trialRequest({ line, headers: fields, body: body === undefined ? undefined : json ? JSON.stringify(body) : body as string, listener }, resolved)
}

/** Of awaited expectations; undefined: found from the working folder. */
let config: string | undefined
let alone: Promise<{ readonly resolved: Resolved, readonly trial: TrialGateway }> | undefined
/** Requests go one after another. */
let last: Promise<unknown> = Promise.resolve()

/** Runs an expectation that was awaited outside of `gwc test`, on the config of the working folder. */
export async function runAlone (expectation: RouteExpectation): Promise<void> {
  alone ??= startAlone()
  const { resolved, trial } = await alone
  const turn = last.then(() => runExpectation(expectation, resolved, trial))
  last = turn.catch(() => undefined)
  const wrong = await turn
  if (wrong.length > 0) throw new Error(`${expectation.line}\n  ${wrong.join('\n  ')}`)
}

/** The config of what is awaited from now on. */
export async function useConfigAlone (file: string): Promise<void> {
  await closeAlone()
  config = resolve(file)
}

export async function closeAlone (): Promise<void> {
  const started = alone
  alone = undefined
  await (await started?.catch(() => undefined))?.trial.close()
}

async function startAlone (): Promise<{ readonly resolved: Resolved, readonly trial: TrialGateway }> {
  const cwd = process.cwd()
  const compilation: Compilation = await compile({ cwd, env: process.env, types: false, ...(config === undefined ? {} : { config }) }, 'emit')
  const { resolved, bundle } = compilation
  if (resolved === undefined || bundle === undefined) throw new BaseError(pretty(await reportOf(compilation, cwd, true), false), exitCode.invalid)
  return { resolved, trial: await startTrial(bundle, { upstreams: 'stub', env: process.env }) }
}
