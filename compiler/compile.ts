import type { Diagnostic } from '../schema/diagnostic.ts'
import type { Products } from './compile-document.ts'
import { cacheFolder } from './load/cache-folder.ts'
import type { EvaluationLimits } from './load/evaluator.ts'
import { find } from './passes/find.ts'
import type { Found } from './passes/find.ts'
import { createPassLog } from './passes/pass-log.ts'
import { reaches } from './passes/pass.ts'
import type { PassName } from './passes/pass.ts'
import { checkTypes } from './passes/types.ts'
import type { TypeCheck } from './passes/types.ts'

export type { PassName } from './passes/pass.ts'

/** Where a config is and what it may read. */
export interface Source {
  /** Absolute folder in which the search for a config starts and to which `config` is relative. */
  readonly cwd: string
  /** Config file; without it `gateway.config.*` is searched from `cwd` upwards. */
  readonly config?: string
  /** What `env('NAME')` may read; also says where this user's caches are. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether TypeScript configs are type-checked. Default true. */
  readonly types?: boolean
  /** Orders bundles in place of the commit's time. */
  readonly sequence?: number
  /** Texts that stand for files (by absolute path) without being written: what `--fix` would make of them. */
  readonly overlay?: ReadonlyMap<string, string>
  /** Absolute folder outside of which the config can import nothing: for configs that others wrote. Default: no bound. */
  readonly within?: string
  /** Bounds on the evaluation of the config. Default 10 s and 256 MiB. */
  readonly limits?: EvaluationLimits
}

/** What the passes up to the wanted one gave. */
export interface Compilation extends Readonly<Products> {
  /** In the order of the passes; at most 100 errors. */
  readonly diagnostics: readonly Diagnostic[]
  /** Absolute paths of all files that were read, for watching. */
  readonly inputs: readonly string[]
  /** Absolute folder that the files of origins are relative to. */
  readonly root: string
  /** Milliseconds of each pass that ran. */
  readonly timings: Readonly<Partial<Record<PassName, number>>>
}

/** The only driver: every command is this function stopped at some pass. Passes after a failed one do not run. */
export async function compile (source: Source, until: PassName): Promise<Compilation> {
  const log = createPassLog()
  const { output: found } = await log.run('load', async () => await find(source.cwd, source.config))
  if (found === undefined) return { ...log.summary(), inputs: [], root: source.cwd }

  // The type check takes the longest and needs nothing but the sources, so it runs beside the others. They are pure: when it fails, they did not happen.
  const [types, document] = [createPassLog(), createPassLog()]
  const check = startTypes(source, found, until)
  const typing = check === undefined ? undefined : types.run('types', async () => await check.result)
  const documentPasses = reaches(until, 'validate') ? import('./compile-document.ts') : undefined
  const { load } = await import('./passes/load.ts')
  const { output: config, inputs, parsed } = await log.run('load', async () => await load(found, source))
  const compiling = config === undefined ? undefined : documentPasses?.then(async ({ compileDocument }) =>
    await compileDocument(config, { inputs, root: found.root, sequence: source.sequence }, until, document))
  // Awaited below, unless the type check fails.
  compiling?.catch(() => {})

  if (!parsed) check?.cancel()
  const typed = await typing
  if (parsed) log.append(types)
  const files = { inputs, root: found.root }
  if (compiling === undefined || (typed !== undefined && typed.output === undefined)) return { ...(config === undefined ? {} : { config }), ...log.summary(), ...files }
  const made = await compiling
  log.append(document)
  return { ...made, ...log.summary(), ...files }
}

function startTypes ({ types = true, overlay, env }: Source, { language, entry }: Found, until: PassName): TypeCheck | undefined {
  if (!types || language !== 'typescript' || !reaches(until, 'types')) return undefined
  return checkTypes({ entry, overlay, cacheFolder: cacheFolder(env, process.platform) })
}
