import type { Fleet } from './fleet.ts'
import { createFleetHealth } from './fleet-health.ts'
import type { FleetHealthOptions } from './fleet-health.ts'
import { createGateway } from './gateway.ts'
import type { GatewayOptions } from './gateway.ts'
import { isRejection } from './rejection.ts'

/** Serves from this process. */
export function createSingleFleet (options: Omit<GatewayOptions, 'reports' | 'warn'> & Pick<FleetHealthOptions, 'event'>): Fleet {
  const { env, secretsFolder, clock, random, event } = options
  const gateway = createGateway({
    ...options,
    reports: (reports) => { health.observe(reports) },
    warn: (where, reason) => { event({ kind: 'warning', where, reason }) }
  })
  const health = createFleetHealth({ env, secretsFolder, clock, random, event, tell: gateway.judge })
  return {
    async load (bundle) {
      const prepared = await gateway.prepare(bundle)
      if (isRejection(prepared)) return prepared
      prepared.publish()
      health.watch(bundle)
      return undefined
    },
    report: async () => [{ worker: 0, pid: process.pid, ...gateway.report() }],
    get targets () { return health.statuses },
    async close (graceMs) {
      await gateway.close(graceMs)
      health.close()
    }
  }
}
