import type { Clock } from '../../schema/policy.ts'
import type { ResolvedAffinity } from '../../schema/resolved.ts'
import type { Affinity } from './affinity.ts'
import { addressKey } from './hash-key.ts'
import type { BalanceRequest } from './hash-key.ts'

type TableOptions = Exclude<ResolvedAffinity, { by: 'cookie' }>

/** Clients remembered; those that were seen least recently are forgotten first. */
const maxClients = 100_000

interface Entry {
  /** Id of an endpoint: a target that goes and comes back is the same. */
  readonly endpoint: string
  seenAt: number
}

/** Who is bound to what, over reloads. */
export type AffinityTable = Map<string, Entry>

/**
 * Affinity by a header or by the client's address. A new client goes where the consistent hash says, so that all workers and gateways
 * agree; the table keeps it there when targets come, or when it had to go elsewhere.
 */
export function createTableAffinity (options: TableOptions, table: AffinityTable, clock: Clock): Affinity {
  const keyOf = (request: BalanceRequest): string | undefined =>
    options.by === 'header' ? request.header(options.name) : addressKey(request.clientAddress)

  return {
    onFailure: options.onFailure,
    bound (request, endpoints) {
      const key = keyOf(request)
      const entry = key === undefined ? undefined : table.get(key)
      if (entry === undefined) return undefined
      if (clock.now() - entry.seenAt <= options.idle) return endpoints.find(({ id }) => id === entry.endpoint)
      table.delete(key!)
      return undefined
    },
    choose (request, balancer, tried) {
      const key = keyOf(request)
      return key === undefined ? undefined : balancer.pickByKey(key, tried)
    },
    bind (request, { id }) {
      const key = keyOf(request)
      if (key === undefined) return undefined
      table.delete(key)
      table.set(key, { endpoint: id, seenAt: clock.now() })
      if (table.size > maxClients) table.delete(table.keys().next().value!)
      return undefined
    }
  }
}
