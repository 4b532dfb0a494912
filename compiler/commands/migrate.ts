import { rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Command, CommandContext } from '../command.ts'
import type { Compilation } from '../compile.ts'
import { exitCode } from '../exit-code.ts'
import type { Migrated } from '../migrate/migration.ts'
import { closest } from '../passes/closest.ts'
import { replaceFile } from '../replace-file.ts'
import { UsageError } from '../usage-error.ts'
import { configFlags, declareConfigFlags } from './config-flags.ts'
import type { ConfigFlags } from './config-flags.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'

/** `gwc migrate`: changes how a config is written, and proves that no request is treated differently. */
export const migrate: Command = {
  name: 'migrate',
  summary: 'change how the config is written, with proof that no request is affected',
  configure (command) {
    declareConfigFlags(command)
      .argument('[migration]', 'which one; without it, they are listed')
      .option('--dry-run', 'print what would change, as a diff')
  },
  async run ([name], options, context) {
    const { migrations } = await import('../migrate/migrations.ts')
    if (name === undefined) {
      context.out(migrations.map((one) => `${one.name}  ${one.summary}`).join('\n'))
      return exitCode.ok
    }
    const migration = migrations.find((one) => one.name === name)
    if (migration === undefined) {
      const meant = closest(name, migrations.map((one) => one.name))
      throw new UsageError(`there is no migration '${name}'${meant === undefined ? '; gwc migrate lists them' : `; did you mean '${meant}'?`}`)
    }
    const flags = configFlags({ ...options, format: [] })
    const before = await readConfig(flags, 'emit', context)
    if (before.bundle === undefined) return await report(before, flags, { ...context, out: context.err }, true)
    const migrated = migration.migrate(before)
    if (typeof migrated === 'string') {
      context.err(`gwc: nothing to migrate: ${migrated}`)
      return exitCode.ok
    }
    const shown = (file: string): string => relative(context.cwd, file)
    const refused = await prove(before, migrated, flags, context)
    if (refused !== undefined) {
      context.err(`gwc: nothing was changed: ${refused}`)
      return exitCode.invalid
    }
    for (const sentence of migrated.left) context.err(`gwc: left as it is: ${sentence}`)
    if (options.dryRun === true) {
      const { diffText } = await import('../fix/diff-text.ts')
      for (const change of migrated.changes) context.out(diffText(change, context.cwd))
      return exitCode.ok
    }
    for (const { file, after } of migrated.changes) await replaceFile(file, after)
    for (const file of migrated.removed) await rm(file)
    context.out([
      ...migrated.changes.map(({ file }) => `✓ ${shown(file)}`), ...migrated.removed.map((file) => `✓ ${shown(file)} removed`),
      'no request is affected: the plan between the two is empty'
    ].join('\n'))
    return exitCode.ok
  }
}

/** Why the migrated config may not take the place of the other; undefined: it compiles, type-checks, and treats every request alike. */
async function prove (before: Compilation, { changes, config }: Migrated, flags: ConfigFlags, { cwd, env }: CommandContext): Promise<string | undefined> {
  const [{ compile }, { differenceOf }] = await Promise.all([import('../compile.ts'), import('../fix/neutral.ts')])
  // A file that is not there cannot be overlaid: it is tried under another name beside its place, so that it imports what it will import.
  const created = changes.find(({ file, before: text }) => file === config && text === '')
  const tried = created === undefined ? config : join(dirname(config), `.gateway.config.${process.pid}.ts`)
  try {
    if (created !== undefined) await replaceFile(tried, created.after)
    const after = await compile({ cwd, env, config: tried, types: flags.types, overlay: new Map(changes.map(({ file, after: text }) => [file, text])) }, 'emit')
    const error = after.diagnostics.find(({ severity }) => severity === 'error')
    if (after.bundle === undefined || error !== undefined) return `it would lead to ${error?.code ?? 'no bundle'}: ${error?.message ?? ''}`
    return differenceOf(before.bundle!, after.bundle)
  } finally {
    if (created !== undefined) await rm(tried, { force: true })
  }
}
