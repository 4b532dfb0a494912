import type { HostGroup } from './host-groups.ts'

/** For each listener and host pattern a host for which that pattern is picked. */
export class HostWitnesses {
  readonly #exact: Set<string>[] = []
  readonly #wildcards: string[][] = []
  readonly #found = new Map<string, string>()

  constructor (groups: readonly HostGroup[], listeners: number) {
    for (let listener = 0; listener < listeners; listener++) {
      this.#exact.push(new Set())
      this.#wildcards.push([])
    }
    for (const { places } of groups) {
      for (const { listener, host } of places) {
        if (host.startsWith('*.')) this.#wildcards[listener]!.push(host.slice(1))
        else this.#exact[listener]!.add(host)
      }
    }
  }

  /** `pattern` is printed, empty for any other host. */
  host (listener: number, pattern: string): string {
    const key = `${listener} ${pattern}`
    let host = this.#found.get(key)
    if (host === undefined) {
      host = this.#find(listener, pattern)
      this.#found.set(key, host)
    }
    return host
  }

  /** Whether a listener takes hosts that no route names. */
  takesAny (listener: number): boolean {
    return this.#exact[listener]!.has('')
  }

  #find (listener: number, pattern: string): string {
    if (pattern !== '' && !pattern.startsWith('*.')) return pattern
    // A name of one label is under no wildcard; one label more than a wildcard has is under no longer one.
    const candidates = pattern === '' ? ['any.test', 'any'] : [`any${pattern.slice(1)}`]
    const isFree = (host: string): boolean => !this.#exact[listener]!.has(host) && (pattern !== '' || !this.#wildcards[listener]!.some((suffix) => host.endsWith(suffix)))
    for (let i = 1; ; i++) {
      const free = candidates.find(isFree)
      if (free !== undefined) return free
      candidates.push(`any${i}${pattern.slice(1)}`)
    }
  }
}
