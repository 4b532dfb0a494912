import { addressKey } from '../balance/hash-key.ts'

/** Bounds on client connections. */
export interface Limits {
  readonly connections: number | null
  readonly connectionsPerAddress: number | null
}

/** Counts the client connections of one listener. */
export interface ConnectionLimits {
  /** Takes a place for one more connection of this address and returns how to give it back, or undefined: there is none. */
  enter (address: string, limits: Limits): (() => void) | undefined
}

export function createConnectionLimits (): ConnectionLimits {
  const byAddress = new Map<string, number>()
  let count = 0
  return {
    enter (address, { connections, connectionsPerAddress }) {
      const key = connectionsPerAddress === null ? undefined : addressKey(address)
      const own = key === undefined ? 0 : byAddress.get(key) ?? 0
      if ((connections !== null && count >= connections) || (connectionsPerAddress !== null && own >= connectionsPerAddress)) return undefined
      count++
      if (key !== undefined) byAddress.set(key, own + 1)
      return () => {
        count--
        if (key === undefined) return
        const left = byAddress.get(key)! - 1
        if (left > 0) byAddress.set(key, left)
        else byAddress.delete(key)
      }
    }
  }
}
