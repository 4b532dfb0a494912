import { join, relative } from 'node:path'
import type { Config } from '../../schema/document.ts'
import { placeAt } from '../passes/place-at.ts'

/** Answers `file:line` of the node at a JSON pointer, the file relative to `base`. */
export function definedAt (config: Config, root: string, base: string): (pointer: string) => string {
  return (pointer) => {
    const { file, line } = placeAt(config, pointer).origin
    return `${relative(base, join(root, file)).replaceAll('\\', '/')}:${line}`
  }
}
