import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { BundleListener } from '../../schema/bundle.ts'

/** Gives listeners with port 0 a port that all workers share, and that stays over reloads. */
export function createPorts (): (listeners: readonly BundleListener[]) => Promise<readonly BundleListener[]> {
  const chosen = new Map<string, number>()
  return async (listeners) => Promise.all(listeners.map(async (listener) => {
    if (listener.port !== 0) return listener
    const key = `${listener.name} ${listener.address}`
    const port = chosen.get(key) ?? await freePort(listener.address)
    chosen.set(key, port)
    return { ...listener, port }
  }))
}

async function freePort (address: string): Promise<number> {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
