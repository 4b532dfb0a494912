import type { ResolvedUpstream } from '../../schema/resolved.ts'

/** A pool as the quota knows it. */
export interface QuotaMember {
  /** Closes an unused connection, if there is one. */
  yield (): boolean
  /** A connection has become possible. False: nobody waits here. */
  resume (): boolean
}

/** Connections and waiting calls of all targets of an upstream together. Lives over reloads. */
export interface ConnectionQuota {
  join (member: QuotaMember): void
  leave (member: QuotaMember): void
  /** Takes the right to one more connection, if need be from an unused one of another target. */
  open (member: QuotaMember): boolean
  closed (): void
  /** Calls wait for connections that others keep unused. */
  readonly starved: boolean
  /** Takes a place to wait. */
  wait (): boolean
  waited (): void
  update (limits: ResolvedUpstream['limits']): void
}

export function createConnectionQuota (initial: ResolvedUpstream['limits']): ConnectionQuota {
  const members = new Set<QuotaMember>()
  let limits = initial
  let open = 0
  let waiting = 0

  return {
    join: (member) => { members.add(member) },
    leave: (member) => { members.delete(member) },
    open (member) {
      if (limits.connections !== null && open >= limits.connections) {
        const freed = [...members].some((other) => other !== member && other.yield())
        if (!freed || open >= limits.connections) return false
      }
      open++
      return true
    },
    closed () {
      open--
      if (limits.connections === null || waiting === 0) return
      for (const member of members) {
        if (open >= limits.connections) return
        if (!member.resume()) continue
        // Whoever was served goes to the end, so that each target gets its turn.
        members.delete(member)
        members.add(member)
        return
      }
    },
    get starved () { return limits.connections !== null && waiting > 0 && open >= limits.connections },
    wait () {
      if (limits.pending !== null && waiting >= limits.pending) return false
      waiting++
      return true
    },
    waited () { waiting-- },
    update (next) { limits = next }
  }
}
