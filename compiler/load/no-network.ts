import dgram from 'node:dgram'
import dns from 'node:dns'
import net from 'node:net'

/**
 * Takes the network from this process, for good. Node's permission model guards files and processes but (before Node 25) not sockets;
 * a config cannot reach these modules, so this is a second wall and not the first.
 */
export function disableNetwork (): void {
  const refuse = (): never => {
    throw new Error('a config has no network')
  }
  const owners: readonly object[] = [
    net, net.Socket.prototype, net.Server.prototype, dgram, dgram.Socket.prototype, dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype
  ]
  const entrances = /^(connect|createConnection|createServer|createSocket|listen|bind|send|lookup\w*|resolve\w*|reverse)$/
  for (const owner of owners) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (entrances.test(name)) Object.defineProperty(owner, name, { value: refuse, writable: false, configurable: false })
    }
  }
  for (const name of ['fetch', 'WebSocket', 'EventSource']) Reflect.deleteProperty(globalThis, name)
}
