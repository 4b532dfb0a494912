import { statSync, watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { dirname } from 'node:path'

/** Watches files that may be replaced, removed and made again. */
export interface PathWatch {
  /** Watches these files from now on. */
  follow (files: readonly string[]): void
  close (): void
}

/** How long changes are collected: editors, git and `rename` make several events of one change. Milliseconds. */
const settle = 40
/** How often files are looked at besides: some file systems (network, containers) tell nothing. Milliseconds. */
const pollEvery = 2_000

/**
 * Calls `changed` when a followed file is another than before, once for several changes at a time. Folders are watched, not files: a file
 * that is replaced by renaming has no watch any more.
 */
export function watchPaths (changed: () => void): PathWatch {
  const folders = new Map<string, FSWatcher>()
  let stamps = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined
  const polling = setInterval(compare, pollEvery).unref()

  function compare (): void {
    let different = false
    for (const [file, stamp] of stamps) {
      const now = stampOf(file)
      if (now === stamp) continue
      stamps.set(file, now)
      different = true
    }
    if (different) changed()
  }

  function soon (): void {
    clearTimeout(timer)
    timer = setTimeout(compare, settle)
  }

  function start (folder: string): void {
    try {
      const watcher = watch(folder, soon)
      watcher.on('error', () => { stop(folder) })
      folders.set(folder, watcher)
    } catch {
      // No such folder, or no watches left: polling finds what changes.
    }
  }

  function stop (folder: string): void {
    folders.get(folder)?.close()
    folders.delete(folder)
  }

  return {
    follow (files) {
      stamps = new Map(files.map((file) => [file, stamps.get(file) ?? stampOf(file)]))
      const wanted = new Set(files.map((file) => dirname(file)))
      for (const folder of folders.keys()) if (!wanted.has(folder)) stop(folder)
      for (const folder of wanted) if (!folders.has(folder)) start(folder)
      soon()
    },
    close () {
      clearInterval(polling)
      clearTimeout(timer)
      for (const folder of [...folders.keys()]) stop(folder)
    }
  }
}

function stampOf (file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.mtimeMs} ${stat.size} ${stat.ino}`
}
