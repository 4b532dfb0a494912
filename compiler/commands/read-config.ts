import type { CommandContext } from '../command.ts'
import type { Compilation, PassName } from '../compile.ts'
import type { ConfigFlags } from './config-flags.ts'

/** A compilation with the time it took: passes overlap, so their times do not add up to it. */
export interface TimedCompilation extends Compilation {
  /** Milliseconds. */
  readonly took: number
}

/** Runs the compiler over the config that the flags name. It is imported only here and only when needed: it brings TypeScript and esbuild along. */
export async function readConfig (flags: Pick<ConfigFlags, 'config' | 'types'>, until: PassName, { cwd, env }: CommandContext, sequence?: number): Promise<TimedCompilation> {
  const start = performance.now()
  const { compile } = await import('../compile.ts')
  const compilation = await compile({ cwd, env, types: flags.types, ...(flags.config !== undefined && { config: flags.config }), ...(sequence !== undefined && { sequence }) }, until)
  return { ...compilation, took: performance.now() - start }
}
