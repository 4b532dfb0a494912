type Environment = Readonly<Record<string, string | undefined>>

/** What the compiler's own process needs, whatever the config may read. */
const needed = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TMPDIR']

/**
 * The environment of the process that compiles what came out of a repository: `env()` reads it, so whoever may push can read it too. Only the
 * allowed variables when some are named; else all but the secret of the webhook, which would let its reader trigger us as the forge.
 */
export function configEnvironment (env: Environment, allowed: readonly string[] | undefined, webhookSecret: string | undefined): Environment {
  if (allowed !== undefined) return Object.fromEntries([...needed, ...allowed].map((name) => [name, env[name]]))
  const { [webhookSecret ?? '']: _, ...rest } = env
  return rest
}
