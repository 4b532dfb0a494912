import type { Automaton } from './automaton.ts'

interface ListenerHosts {
  readonly exact: Map<string, number>
  /** By what follows `*.`. */
  readonly wildcard: Map<string, number>
  any: number
}

/** Picks the first node for a host: the exact name, else the longest wildcard, else any; 0 when there is none. The pick is final. */
export class HostTable {
  readonly #listeners: ListenerHosts[] = []
  // The host of the last request is most often that of the next.
  #lastListener = -1
  #lastHost = ''
  #lastRoot = 0

  constructor ({ hosts, roots }: Automaton) {
    for (let i = 0; i < roots.length; i += 3) {
      const listener = roots[i]!
      while (this.#listeners.length <= listener) this.#listeners.push({ exact: new Map(), wildcard: new Map(), any: 0 })
      const table = this.#listeners[listener]!
      const host = hosts[roots[i + 1]!]!
      if (host === '') table.any = roots[i + 2]!
      else if (host.startsWith('*.')) table.wildcard.set(host.slice(2), roots[i + 2]!)
      else table.exact.set(host, roots[i + 2]!)
    }
  }

  root (listener: number, host: string): number {
    if (listener === this.#lastListener && host === this.#lastHost) return this.#lastRoot
    const root = this.#find(listener, host)
    this.#lastListener = listener
    this.#lastHost = host
    this.#lastRoot = root
    return root
  }

  #find (listener: number, host: string): number {
    const table = this.#listeners[listener]
    if (table === undefined) return 0
    const exact = table.exact.get(host)
    if (exact !== undefined) return exact
    if (table.wildcard.size > 0) {
      for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
        const root = dot === 0 ? undefined : table.wildcard.get(host.slice(dot + 1))
        if (root !== undefined) return root
      }
    }
    return table.any
  }
}
