import { Option } from 'commander'
import type { Command, CommandContext } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { UsageError } from '../usage-error.ts'
import { configFlags, declareConfigFlags, repeated } from './config-flags.ts'
import { definedAt } from './defined-at.ts'
import { explainedRequest } from './explain-request.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'

/** Routes that lost are shown up to this number without `--all`. */
const nearest = 5

/** `gwc explain REQUEST`: which route takes it and why. `gwc explain CODE`: what a diagnostic means. */
export const explain: Command = {
  name: 'explain',
  summary: "say which route takes a request and why, or what a diagnostic's code means",
  configure (command) {
    declareConfigFlags(command)
      .usage("[options] '[METHOD] URL' | CODE")
      .argument('<what...>', "request ('GET https://api.example.com/x') or code (route/unreachable)")
      .addOption(new Option('-H, --header <line>', "header of the request: 'name: value'; may be repeated").argParser(repeated))
      .option('--listener <name>', 'listener that takes the request')
      .option('--all', 'show every route that lost')
      .addOption(new Option('--format <format>', 'output format').choices(['pretty', 'json']).default('pretty'))
  },
  async run (args, options, context) {
    const what = args.join(' ')
    if (/^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/.test(what)) return explainCode(what, context)

    const flags = configFlags({ ...options, format: [] })
    const compilation = await readConfig(flags, 'chains', context)
    const { resolved, automaton, chains, config } = compilation
    if (resolved === undefined || automaton === undefined || chains === undefined || config === undefined) {
      return report(compilation, flags, { ...context, out: context.err }, true)
    }
    const request = explainedRequest(what, (options.header ?? []) as readonly string[], options.listener as string | undefined, resolved)
    if ('refused' in request) {
      context.out(options.format === 'json' ? JSON.stringify({ formatVersion: '1.0', outcome: { kind: 'refused', reason: request.refused } }, null, 2) : `✗ the gateway refuses this request with 400: ${request.refused}`)
      return exitCode.ok
    }
    const [{ explain }, { registry }] = await Promise.all([import('../explain/explain.ts'), import('../../policies/registry.ts')])
    const explanation = explain(resolved, automaton.automaton, chains, request)
    const about = {
      definedAt: definedAt(config, compilation.root, context.cwd),
      phaseOf: (policy: string) => registry.get(policy)?.phase ?? '',
      limit: options.all === true ? Infinity : nearest,
      color: context.color
    }
    context.out(options.format === 'json'
      ? (await import('../render/explanation-json.ts')).explanationJson(explanation, about)
      : (await import('../render/explanation-text.ts')).explanationText(explanation, about))
    return exitCode.ok
  }
}

async function explainCode (code: string, { out, color }: CommandContext): Promise<number> {
  const [{ catalogue }, { problemText }, { closest }] = await Promise.all([import('../problems.ts'), import('../render/problem-text.ts'), import('../passes/closest.ts')])
  const entries = catalogue()
  const entry = entries.find((one) => one.code === code)
  if (entry === undefined) {
    const near = closest(code, entries.map((one) => one.code))
    throw new UsageError(`there is no code '${code}'${near === undefined ? '' : `; did you mean '${near}'?`} (gwc rules lists them all)`)
  }
  out(problemText(entry, color))
  return exitCode.ok
}
