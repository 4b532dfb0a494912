import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { version } from '../version.ts'
import { templateFiles } from './template.ts'

/** What `writeProject` did with each file. */
export interface WrittenProject {
  readonly written: readonly string[]
  /** Left as they were, with the file that is in the way. */
  readonly skipped: readonly { readonly path: string, readonly because: string }[]
}

/** Writes a new project into a folder. What is there stays, unless `force` is given. */
export function writeProject (folder: string, force: boolean): WrittenProject {
  mkdirSync(folder, { recursive: true })
  const config = readdirSync(folder).find((name) => /^gateway\.config\.(?:ts|mts|js|mjs|json)$/.test(name))
  const written: string[] = []
  const skipped: { path: string, because: string }[] = []
  for (const { path, text } of templateFiles({ name: packageName(folder), version })) {
    // A second config would leave open which one counts, and the test is about the routes of ours.
    const inTheWay = path.startsWith('gateway.') && config !== undefined ? config : existsSync(join(folder, path)) ? path : undefined
    const overwrite = force && (inTheWay === path || inTheWay === 'gateway.config.ts')
    if (inTheWay !== undefined && !overwrite) {
      skipped.push({ path, because: inTheWay })
      continue
    }
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { flag: overwrite ? 'w' : 'wx' })
    written.push(path)
  }
  return { written, skipped }
}

/** A name that npm takes, from that of the folder. */
function packageName (folder: string): string {
  return basename(folder).toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '') || 'gateway'
}
