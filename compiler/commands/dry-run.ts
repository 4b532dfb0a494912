import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from 'commander'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { namedWitness } from '../rules/witness.ts'
import { UsageError } from '../usage-error.ts'
import { configFlags, declareConfigFlags, repeated } from './config-flags.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'
import type { TrialUpstreams } from './trial-gateway.ts'
import { trialRequest, trialRequests } from './trial-requests.ts'

/** `gwc dry-run`: requests through the real runtime, with upstreams that only pretend. */
export const dryRun: Command = {
  name: 'dry-run',
  summary: 'try requests on the config: the real runtime, on loopback, with stubbed upstreams',
  configure (command) {
    declareConfigFlags(command)
      .usage("[options] ['[METHOD] URL']")
      .argument('[request...]', "request: 'GET https://api.example.com/x'; without it and without --requests, one for each class of requests")
      .addOption(new Option('-H, --header <line>', "header of the request: 'name: value'; may be repeated").argParser(repeated))
      .option('-d, --data <text>', 'body of the request')
      .option('--listener <name>', 'listener that takes the request')
      .option('--requests <file>', 'requests: JSON lines ({"method","url","headers","body"}), a HAR file, an OpenAPI description (its examples), or the witnesses that gwc witness writes')
      .addOption(new Option('--upstreams <kind>', 'stub: 200 and {}; echo: what the upstream got; real: the targets of the config').choices(['stub', 'echo', 'real']).default('stub'))
      .addOption(new Option('--format <format>', 'output format').choices(['pretty', 'json']).default('pretty'))
  },
  async run (args, options, context) {
    const flags = configFlags({ ...options, format: [] })
    const compilation = await readConfig(flags, 'emit', context)
    const { resolved, automaton, bundle } = compilation
    if (resolved === undefined || automaton === undefined || bundle === undefined) return await report(compilation, flags, { ...context, out: context.err }, true)
    if (args.length > 0 && typeof options.requests === 'string') throw new UsageError('give a request or --requests, not both')
    const listener = options.listener as string | undefined
    const requests = args.length > 0
      ? [trialRequest({ line: args.join(' '), headers: (options.header ?? []) as readonly string[], body: options.data as string | undefined, listener }, resolved)]
      : typeof options.requests === 'string'
        ? trialRequests(await readFile(resolve(context.cwd, options.requests), 'utf8'), options.requests, listener, resolved)
        : [...automaton.analysis.classes()].map(({ witness }) => namedWitness(resolved, witness))
    const [{ startTrial }, { trialText, trialJson }] = await Promise.all([import('./trial-gateway.ts'), import('../render/trial-text.ts')])
    const trial = await startTrial(bundle, { upstreams: options.upstreams as TrialUpstreams, env: context.env })
    try {
      for (const request of requests) {
        if (context.signal.aborted) return exitCode.inconclusive
        const answer = await trial.send(request)
        context.out(options.format === 'json' ? trialJson(request, answer) : trialText(request, answer, context.color))
      }
    } finally {
      await trial.close()
    }
    return exitCode.ok
  }
}
