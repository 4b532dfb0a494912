import type { Fleet } from './fleet.ts'
import { createGateway } from './gateway.ts'
import type { GatewayOptions } from './gateway.ts'
import { isRejection } from './rejection.ts'

/** Serves from this process. */
export function createSingleFleet (options: GatewayOptions): Fleet {
  const gateway = createGateway(options)
  return {
    async load (bundle) {
      const prepared = await gateway.prepare(bundle)
      if (isRejection(prepared)) return prepared
      prepared.publish()
      return undefined
    },
    report: async () => [{ worker: 0, pid: process.pid, ...gateway.report() }],
    close: gateway.close
  }
}
