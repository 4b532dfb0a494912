import { isAbsolute, join } from 'node:path'

/** Where this user's caches belong; undefined when the environment does not say. What is there may vanish at any time. */
export function cacheFolder (env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string | undefined {
  const home = env['HOME']
  const base = env['XDG_CACHE_HOME'] ?? (platform === 'win32' ? env['LOCALAPPDATA'] : home === undefined ? undefined : join(home, ...(platform === 'darwin' ? ['Library', 'Caches'] : ['.cache'])))
  return base === undefined || !isAbsolute(base) ? undefined : join(base, 'gwc')
}
