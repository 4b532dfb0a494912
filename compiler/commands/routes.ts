import { Option } from 'commander'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { configFlags, declareConfigFlags } from './config-flags.ts'
import { definedAt } from './defined-at.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'

/** `gwc routes`: the routes in the order in which they are tried. */
export const routes: Command = {
  name: 'routes',
  summary: 'list the routes in the order in which they are tried',
  configure (command) {
    declareConfigFlags(command)
      .addOption(new Option('--format <format>', 'output format').choices(['pretty', 'json']).default('pretty'))
  },
  async run (_args, options, context) {
    const flags = configFlags({ ...options, format: [] })
    const compilation = await readConfig(flags, 'chains', context)
    const { resolved, chains, config } = compilation
    if (resolved === undefined || chains === undefined || config === undefined) return report(compilation, flags, { ...context, out: context.err }, true)
    const { routeRows } = await import('../render/route-rows.ts')
    const rows = routeRows(resolved, (route) => chains.chains[chains.routes[route]!]!.map((index) => chains.policies[index]!), definedAt(config, compilation.root, context.cwd))
    context.out(options.format === 'json'
      ? (await import('../render/routes-json.ts')).routesJson(rows)
      : (await import('../render/routes-text.ts')).routesText(rows, context.color))
    return exitCode.ok
  }
}
