import { writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import type { Analysis } from '../../schema/automaton/analysis.ts'
import type { Resolved } from '../../schema/resolved.ts'
import type { Command, CommandContext } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { discover } from '../load/discover.ts'
import { collect } from '../route-test/collector.ts'
import type { RouteExpectation } from '../route-test/expectation.ts'
import { classCoverage } from '../route-test/coverage.ts'
import type { Coverage } from '../route-test/coverage.ts'
import { skeleton } from '../route-test/skeleton.ts'
import { requestText } from '../render/request-text.ts'
import { counted, printable } from '../render/report.ts'
import { style } from '../render/style.ts'
import { UsageError } from '../usage-error.ts'
import { configFlags, declareConfigFlags } from './config-flags.ts'
import { explainedRequest } from './explain-request.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'

/** Classes without a test that are shown. */
const shown = 10

interface Result {
  readonly expectation: RouteExpectation
  readonly wrong: readonly string[]
}

/** `gwc test`: what the route tests beside the config expect, on the real runtime. */
export const test: Command = {
  name: 'test',
  summary: 'run the route tests beside the config (*.route.test.ts), and say which classes of requests have none',
  configure (command) {
    declareConfigFlags(command)
      .argument('[files...]', 'files of route tests (default: all *.route.test.ts below the folder of the config)')
      .addOption(new Option('--fail-under <percent>', 'fail when fewer of the classes of requests have a test').argParser(percent))
      .option('--coverage-out <file>', 'write the coverage there as JSON')
      .option('--skeleton <file>', 'write a route test there for each class that has none: what the gateway does today')
      .addOption(new Option('--format <format>', 'output format').choices(['pretty', 'junit']).default('pretty'))
  },
  async run (files, options, context) {
    const flags = configFlags({ ...options, format: [] })
    const compilation = await readConfig(flags, 'emit', context)
    const { resolved, automaton, bundle } = compilation
    if (resolved === undefined || automaton === undefined || bundle === undefined) return await report(compilation, flags, { ...context, out: context.err }, true)
    const { findRouteTests, loadRouteTest } = await import('./load-route-tests.ts')
    const config = await discover(context.cwd, flags.config)
    const found = files.length > 0 ? files.map((file) => resolve(context.cwd, file)) : findRouteTests(typeof config === 'string' ? dirname(config) : context.cwd)
    if (found.length === 0 && options.skeleton === undefined) {
      context.err('gwc: there are no route tests; write one in a file like gateway.route.test.ts, or let --skeleton FILE do it')
      return exitCode.testFailed
    }
    const expectations = await collect(async () => { for (const file of found) await loadRouteTest(file, context.cwd) })
    const results = await runAll(expectations, compilation as { readonly resolved: Resolved, readonly bundle: NonNullable<typeof bundle> }, context)
    const coverage = coverageOf(expectations, resolved, automaton.analysis)
    if (typeof options.coverageOut === 'string') await writeFile(resolve(context.cwd, options.coverageOut), `${JSON.stringify(coverage, null, 2)}\n`)
    if (typeof options.skeleton === 'string') await writeSkeleton(resolve(context.cwd, options.skeleton), coverage, resolved)
    const failed = results.filter(({ wrong }) => wrong.length > 0)
    context.out(options.format === 'junit' ? junit(results) : resultText(results, coverage, context))
    const under = options.failUnder !== undefined && 100 * coverage.covered < (options.failUnder as number) * coverage.total
    if (under) context.err(`gwc: ${String(options.failUnder)} % of the classes must have a test`)
    return failed.length > 0 || under ? exitCode.testFailed : exitCode.ok
  }
}

/** Never over a file that is there: somebody may have gone through it. */
async function writeSkeleton (file: string, { uncovered }: Coverage, { listeners }: Resolved): Promise<void> {
  const text = skeleton(uncovered, listeners.map(({ name }) => name))
  await writeFile(file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new UsageError(`--skeleton ${file}: there is such a file already`) : error
  })
}

function percent (value: string): number {
  if (!/^\d{1,3}$/.test(value) || Number(value) > 100) throw new InvalidArgumentError('Not a percentage.')
  return Number(value)
}

async function runAll (expectations: readonly RouteExpectation[], { resolved, bundle }: { readonly resolved: Resolved, readonly bundle: Parameters<typeof import('./trial-gateway.ts').startTrial>[0] }, { env, signal }: CommandContext): Promise<readonly Result[]> {
  const [{ startTrial }, { runExpectation }] = await Promise.all([import('./trial-gateway.ts'), import('./route-runner.ts')])
  const trial = await startTrial(bundle, { upstreams: 'stub', env })
  const results: Result[] = []
  try {
    for (const expectation of expectations) {
      if (signal.aborted) break
      const wrong = await runExpectation(expectation, resolved, trial).catch((error: Error) => [error.message])
      results.push({ expectation, wrong })
    }
  } finally {
    await trial.close()
  }
  return results
}

function coverageOf (expectations: readonly RouteExpectation[], resolved: Resolved, analysis: Analysis): Coverage {
  const requests = expectations.flatMap(({ line, options: { headers = {}, listener } }) => {
    const read = explainedRequest(line, Object.entries(headers).map(([name, value]) => `${name}: ${value}`), listener, resolved)
    return 'refused' in read ? [] : [read]
  })
  return classCoverage(requests, resolved, analysis)
}

function resultText (results: readonly Result[], coverage: Coverage, { color, cwd }: CommandContext): string {
  const { good, of, faint } = style(color)
  const failed = results.filter(({ wrong }) => wrong.length > 0)
  const { covered, total, uncovered } = coverage
  return [
    ...failed.flatMap(({ expectation: { line, at }, wrong }) => [`${of.error('✗')} ${line}  ${faint(relative(cwd, at))}`, ...wrong.map((text) => `    ${text}`)]),
    `${failed.length === 0 ? good('✓') : of.error('✗')} ${counted(results.length - failed.length, 'route test')} passed, ${failed.length} failed`,
    `  ${covered} of ${total} classes of requests have a test (${total === 0 ? 100 : Math.floor(100 * covered / total)} %)`,
    ...uncovered.slice(0, shown).map(({ request, route }) => `  ${faint('without')} ${requestText(request)} ${faint(`→ ${route ?? 'no route'}`)}`),
    ...(uncovered.length > shown ? [`  ${faint(`and ${uncovered.length - shown} more; --coverage-out lists them`)}`] : [])
  ].map((text) => `${printable(text)}\n`).join('')
}

function junit (results: readonly Result[]): string {
  const failures = results.filter(({ wrong }) => wrong.length > 0).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="gwc test" tests="${results.length}" failures="${failures}">`,
    ...results.map(({ expectation: { line, at }, wrong }) => wrong.length === 0
      ? `  <testcase classname="${xml(at)}" name="${xml(line)}"/>`
      : `  <testcase classname="${xml(at)}" name="${xml(line)}"><failure message="${xml(wrong[0]!)}">${xml(wrong.join('\n'))}</failure></testcase>`),
    '</testsuite>',
    ''
  ].join('\n')
}

function xml (text: string): string {
  return text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
}
