import { proxyPreface } from '../upstream/proxy-preface.ts'
import { createTlsClient, openSocket } from '../upstream/socket.ts'
import type { StartProbe } from './probe.ts'

/** Passes when the connection opens, TLS included. */
export const tcpProbe: StartProbe = (options, done) => {
  let error = 'closed'
  let over = false
  const finish = (failure: string | undefined): void => {
    if (over) return
    over = true
    socket.destroy()
    done(failure)
  }
  const socket = openSocket(options.target, createTlsClient(options), {
    opened: () => { finish(undefined) },
    read: () => {},
    buffer: () => Buffer.allocUnsafe(1024),
    drained: () => {},
    ended: () => { finish(error) },
    failed: (code) => { error = code },
    closed: () => { finish(error) },
  }, options.proxyProtocol === null ? undefined : proxyPreface(options.proxyProtocol, undefined))
  return { cancel: () => { over = true; socket.destroy() } }
}
