import { realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, resolve } from 'node:path'
import type { Options, PublicExplorer } from 'cosmiconfig'

/**
 * cosmiconfig's explorer itself, and not its public `cosmiconfig()`: that one first runs what it finds as `.config/config.{js,ts,cjs,mjs}` in the
 * working folder (for its own settings), and nothing in a folder may run just because a config is looked for. The version is pinned.
 */
const { Explorer } = createRequire(import.meta.url)('cosmiconfig/dist/Explorer.js') as {
  readonly Explorer: new (options: Options & { readonly moduleName: string, readonly metaConfigFilePath: null }) => PublicExplorer
}

/** Kinds of config, in the order in which they are looked for in a folder. */
const extensions = ['.ts', '.mts', '.js', '.mjs', '.json'] as const

/** File names of a config, in the order in which they are looked for. */
export const searchPlaces: readonly string[] = extensions.map((extension) => `gateway.config${extension}`)

/** The real path of the config, or why there is none. */
export async function discover (cwd: string, config: string | undefined): Promise<string | { readonly missing: string }> {
  if (config !== undefined) return named(resolve(cwd, config), config)
  // Only the search is cosmiconfig's: its loaders would run or rewrite the file, so ours answer with a marker.
  const found = (): object => ({})
  const explorer = new Explorer({
    moduleName: 'gateway',
    metaConfigFilePath: null,
    searchPlaces: [...searchPlaces],
    loaders: Object.fromEntries(extensions.map((extension) => [extension, found])),
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    transform: async (result) => await Promise.resolve(result),
    mergeImportArrays: false,
    mergeSearchPlaces: false,
    cache: false
  })
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const result = await explorer.search(folder)
    if (result !== null) return realpathSync(result.filepath)
    if (folder === dirname(folder)) return { missing: `no gateway.config.{ts,mts,js,mjs,json} in ${cwd} or a folder above it` }
  }
}

function named (path: string, given: string): string | { readonly missing: string } {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return { missing: `there is no file ${given}` }
  if (!stat.isFile()) return { missing: `${given} is not a file` }
  if (!(extensions as readonly string[]).includes(extname(path))) return { missing: `${given} is none of ${extensions.join(', ')}` }
  return realpathSync(path)
}
