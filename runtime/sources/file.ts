import { readFile } from 'node:fs/promises'
import { digest } from '../../schema/canonical.ts'
import { rejection } from '../rejection.ts'
import type { Source } from './source.ts'
import { watchPaths } from './watch-paths.ts'

export interface FileSourceOptions {
  /** Absolute path of a bundle file. */
  readonly file: string
  /** Absolute path of its signature. Default: the file with `.sig`. */
  readonly signature?: string | undefined
  readonly allowRewind: boolean
}

/** A bundle file on disk; it is loaded again when it is replaced. */
export function fileSource ({ file, signature = `${file}.sig`, allowRewind }: FileSourceOptions): Source {
  let tried: string | undefined
  return {
    kind: 'file',
    from: file,
    restoreFirst: true,
    poll: null,
    async look ({ force }) {
      let bytes: Buffer
      let envelope: string | undefined
      try {
        bytes = await readFile(file)
        envelope = await readFile(signature, 'utf8').catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error
          return undefined
        })
      } catch (error) {
        return { kind: 'rejected', rejection: rejection('fetch', (error as Error).message), revision: null }
      }
      const found = `${digest(bytes)} ${envelope ?? ''}`
      if (found === tried && !force) return { kind: 'same' }
      tried = found
      const provenance = { kind: 'file', from: file } as const
      return { kind: 'candidate', candidate: { bytes, provenance, mayRewind: allowRewind, ...envelope === undefined ? {} : { signature: envelope } } }
    },
    watch (changed) {
      const watch = watchPaths(changed)
      watch.follow([file, signature])
      return watch.close
    }
  }
}
