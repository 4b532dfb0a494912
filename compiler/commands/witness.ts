import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from 'commander'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { counted } from '../render/report.ts'
import { requestText } from '../render/request-text.ts'
import { configFlags, declareConfigFlags } from './config-flags.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'

/** `gwc witness`: one request for each class of requests, with the route that takes it. */
export const witness: Command = {
  name: 'witness',
  summary: 'write one request for each class of requests that the config tells apart',
  configure (command) {
    declareConfigFlags(command)
      .option('--out <file>', 'write JSON lines there, for gwc dry-run --requests')
      .addOption(new Option('--format <format>', 'output format').choices(['pretty', 'json']).default('pretty'))
  },
  async run (_args, options, context) {
    const flags = configFlags({ ...options, format: [] })
    const compilation = await readConfig(flags, 'check', context)
    const { resolved, automaton } = compilation
    if (resolved === undefined || automaton === undefined) return await report(compilation, flags, { ...context, out: context.err }, true)
    const { namedWitness } = await import('../rules/witness.ts')
    const found = [...automaton.analysis.classes()].map(({ winner, witness }) => ({
      request: namedWitness(resolved, witness), route: resolved.routes[winner]?.id ?? null, outcome: winner >= 0 ? 'route' : winner === -2 ? 'method-not-allowed' : 'no-route'
    }))
    const lines = found.map((one) => `${JSON.stringify(one)}\n`).join('')
    if (typeof options.out === 'string') {
      await writeFile(resolve(context.cwd, options.out), lines)
      context.out(`✓ ${options.out}: ${counted(found.length, 'request')}, one for each class`)
    } else {
      context.out(options.format === 'json' ? lines : found.map(({ request, route, outcome }) => `${requestText(request)}   → ${route ?? (outcome === 'no-route' ? '404' : '405')}\n`).join(''))
    }
    return exitCode.ok
  }
}
