import { realpathSync, statSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import { cosmiconfig } from 'cosmiconfig'

/** Kinds of config, in the order in which they are looked for in a folder. */
const extensions = ['.ts', '.mts', '.js', '.mjs', '.json'] as const

/** File names of a config, in the order in which they are looked for. */
export const searchPlaces: readonly string[] = extensions.map((extension) => `gateway.config${extension}`)

/** The real path of the config, or why there is none. */
export async function discover (cwd: string, config: string | undefined): Promise<string | { readonly missing: string }> {
  if (config !== undefined) return named(resolve(cwd, config), config)
  // Only the search is cosmiconfig's: its loaders would run or rewrite the file, so ours answer with a marker.
  const found = (): object => ({})
  const explorer = cosmiconfig('gateway', {
    searchPlaces: [...searchPlaces],
    loaders: Object.fromEntries(extensions.map((extension) => [extension, found])),
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
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
