import { statSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'

/** How long changes are collected: editors and git write several files at a time. */
const settle = 50
const source = /\.[cm]?[jt]s$|^gateway\.config\.json$/

/** Watches a set of files that may change from run to run. */
export interface FileWatch {
  /**
   * Watches these files from now on. `since` (milliseconds since 1970) is when they were read: what changed in between counts. With `sources`
   * any program in their folders counts too: a file that was missing has no name here yet.
   */
  follow (files: readonly string[], since: number, sources: boolean): void
  /** Resolves with true when some followed file has changed since the last call, with false when the watch has ended. */
  changed (): Promise<boolean>
}

/**
 * Watches folders, not files: editors replace a file instead of writing into it, and a missing file may come back. Ends with `signal`.
 */
export function watchFiles (signal: AbortSignal): FileWatch {
  const watchers = new Map<string, FSWatcher>()
  let names = new Map<string, Set<string>>()
  let anySource = false
  let dirty = false
  let timer: NodeJS.Timeout | undefined
  let wake: ((changed: boolean) => void) | undefined

  signal.addEventListener('abort', () => {
    for (const watcher of watchers.values()) watcher.close()
    clearTimeout(timer)
    wake?.(false)
  }, { once: true })

  return {
    follow (files, since, sources) {
      anySource = sources
      names = new Map()
      for (const file of files) {
        const folder = dirname(file)
        names.set(folder, (names.get(folder) ?? new Set()).add(basename(file)))
      }
      for (const [folder, watcher] of watchers) {
        if (names.has(folder)) continue
        watcher.close()
        watchers.delete(folder)
      }
      for (const folder of names.keys()) if (!watchers.has(folder)) start(folder)
      if (files.some((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > since)) touch()
    },
    async changed () {
      if (signal.aborted) return false
      if (!dirty) {
        const alive = await new Promise<boolean>((resolve) => { wake = resolve })
        wake = undefined
        if (!alive) return false
      }
      dirty = false
      return true
    }
  }

  function start (folder: string): void {
    const watcher = watch(folder, (_event, name) => {
      // Some platforms do not say which file.
      if (name === null || names.get(folder)?.has(name) === true || (anySource && source.test(name))) touch()
    })
    watcher.on('error', () => { watchers.delete(folder) })
    watchers.set(folder, watcher)
  }

  function touch (): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      dirty = true
      wake?.(true)
    }, settle)
  }
}
