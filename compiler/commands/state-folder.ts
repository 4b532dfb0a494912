import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Where runtimes keep their state unless they are told: one folder per source, so that a restart finds its own (XDG base directory specification). */
export function stateFolderOf (source: string, env: Environment): string {
  return join(stateRoot(env), createHash('sha256').update(source).digest('hex').slice(0, 16))
}

/** The state folders of this user. */
export function stateFolders (env: Environment): string[] {
  const root = stateRoot(env)
  try {
    return readdirSync(root).map((name) => join(root, name))
  } catch {
    return []
  }
}

function stateRoot (env: Environment): string {
  const base = env.XDG_STATE_HOME
  return join(base !== undefined && base.startsWith('/') ? base : join(env.HOME ?? homedir(), '.local', 'state'), 'gwc')
}
