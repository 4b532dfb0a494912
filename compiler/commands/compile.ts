import { resolve } from 'node:path'
import { Option } from 'commander'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { UsageError } from '../usage-error.ts'
import { checkBundle } from './check-bundle.ts'
import { configFlags, declareConfigFlags, declareReportFlags, wholeNumber } from './config-flags.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'
import { writeBundleFile } from './write-bundle-file.ts'

/** `gwc compile`: the config as one bundle file, for a runtime to serve. */
export const compile: Command = {
  name: 'compile',
  summary: 'write the bundle of the config',
  configure (command) {
    declareReportFlags(declareConfigFlags(command))
      .option('--out <file>', 'bundle file', 'gateway.bundle.json')
      .option('--sign <key>', 'sign with this ed25519 private key (PEM) into <out>.sig')
      .option('--check', 'write nothing; fail if the bundle file is not what the config compiles to')
      .addOption(new Option('--sequence <number>', 'order of this bundle, in place of the time of the commit').argParser(wholeNumber))
      .option('--watch', 'compile again when a file of the config changes; the bundle file stays as it is while there are errors')
  },
  async run (_args, options, context) {
    const flags = configFlags(options)
    const out = resolve(context.cwd, options.out as string)
    const sequence = options.sequence as number | undefined
    const key = typeof options.sign === 'string' ? resolve(context.cwd, options.sign) : undefined
    if (options.check === true && options.watch === true) throw new UsageError('--check and --watch exclude each other')

    if (options.watch !== true) {
      const compilation = await readConfig(flags, 'emit', context, sequence)
      const code = await report(compilation, flags, context)
      const { bundle } = compilation
      if (bundle === undefined || code !== exitCode.ok) return exitCode.invalid
      if (options.check === true) return await checkBundle(bundle, out, context)
      await writeBundleFile(compilation, bundle, { out, key, quiet: flags.quiet || flags.format !== 'pretty' }, context)
      return code
    }

    const { watchFiles } = await import('../watch-files.ts')
    const watch = watchFiles(context.signal)
    do {
      const since = Date.now()
      const compilation = await readConfig(flags, 'emit', context, sequence)
      const code = await report(compilation, flags, context)
      if (compilation.bundle !== undefined && code === exitCode.ok) await writeBundleFile(compilation, compilation.bundle, { out, key, quiet: flags.quiet }, context)
      else context.err(`gwc: ${options.out as string} stays as it was; waiting for a change`)
      // Without a config there is nothing to follow but the folder in which it may appear.
      watch.follow([resolve(context.cwd, flags.config ?? 'gateway.config.ts'), ...compilation.inputs], since, compilation.bundle === undefined)
    } while (await watch.changed())
    return exitCode.ok
  }
}
