import { Option } from 'commander'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { closest } from '../passes/closest.ts'
import { asksForRefused } from '../query/expression.ts'
import { QueryError, parseQuery } from '../query/parse.ts'
import { runQuery, unknownNames } from '../query/query.ts'
import { UsageError } from '../usage-error.ts'
import { configFlags, declareConfigFlags } from './config-flags.ts'
import { definedAt } from './defined-at.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'

/** `gwc query`: the classes of requests for which a condition holds, with a request of each. */
export const query: Command = {
  name: 'query',
  summary: 'find the requests for which a condition holds, over all that exist',
  configure (command) {
    declareConfigFlags(command)
      .argument('<condition...>', 'for example: not authenticated and path under /admin')
      .option('--all', 'show every class, not one request for each route')
      .addOption(new Option('--expect <what>', 'fail with 5 unless there are none, or some').choices(['none', 'some']))
      .addOption(new Option('--format <format>', 'output format').choices(['pretty', 'json']).default('pretty'))
      .addHelpText('after', `
Conditions, joined by and, or, not and parentheses:
  path under /admin   path = '/orders/:id'   host under example.com   method = POST   listener = public
  route = NAME   upstream = NAME   policy = NAME   guard = authentication|authorization|rate|…   timeout > 10s   retries = 0
  header:x-tier = gold   query:page != 1   cookie:session (it is there)
  authenticated   limited   refused (no route takes it; only then are such requests looked at)`)
  },
  async run (args, options, context) {
    const text = args.join(' ')
    const flags = configFlags({ ...options, format: [] })
    try {
      const expression = parseQuery(text)
      const compilation = await readConfig(flags, 'chains', context)
      const { resolved, config } = compilation
      if (resolved === undefined || config === undefined) return await report(compilation, flags, { ...context, out: context.err }, true)
      const [wrong] = unknownNames(resolved, [...resolved.listeners, ...resolved.routes, ...resolved.upstreams].flatMap(({ policies }) => policies), expression)
      if (wrong !== undefined) {
        const meant = closest(wrong.value, wrong.known)
        throw new QueryError(`there is no ${wrong.field} '${wrong.value}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`, wrong.at)
      }
      const result = runQuery(resolved, expression)
      context.out(options.format === 'json'
        ? JSON.stringify({ formatVersion: '1.0', ...result, refused: asksForRefused(expression), matches: result.matches.map(({ route, ...match }) => ({ ...match, route: route === undefined ? null : resolved.routes[route]!.id })) }, null, 2)
        : (await import('../render/query-text.ts')).queryText(result, resolved, { definedAt: definedAt(config, compilation.root, context.cwd), all: options.all === true, color: context.color }))
      for (const reason of new Set(result.unknown)) context.err(`gwc: some requests could not be told apart: ${reason}`)
      if (options.expect === undefined) return exitCode.ok
      const found = result.matches.length > 0
      if (found !== (options.expect === 'some')) return found || result.unknown.length === 0 ? exitCode.testFailed : exitCode.inconclusive
      return !found && result.unknown.length > 0 ? exitCode.inconclusive : exitCode.ok
    } catch (error) {
      if (error instanceof QueryError) throw new UsageError(`${error.message}\n  ${text}\n  ${' '.repeat(error.at)}^`)
      throw error
    }
  }
}
