import type { Compilation } from '../compile.ts'
import type { FileChange } from '../fix/propose.ts'

/** What a migration would do. */
export interface Migrated {
  /** Files that change; a new one has no text before. */
  readonly changes: readonly FileChange[]
  /** Absolute paths of files that nobody needs any more. */
  readonly removed: readonly string[]
  /** What was left as it is, a sentence each. */
  readonly left: readonly string[]
  /** Where the config is afterwards. */
  readonly config: string
}

/** A change of the text of a config that may change no request: that is proved for each config, by an empty plan, before a file is written. */
export interface Migration {
  readonly name: string
  readonly summary: string
  /** A string says why there is nothing to do. */
  migrate (compilation: Compilation): Migrated | string
}
