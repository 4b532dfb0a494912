import type { AddressInfo } from 'node:net'
import type { BundleListener, BundleTcpListener } from '../schema/bundle.ts'
import type { Listener } from './listener.ts'
import { rejection } from './rejection.ts'
import type { Rejection } from './rejection.ts'
import type { Snapshot } from './snapshot.ts'

export type ListenerOptions = BundleListener | BundleTcpListener

/** Makes the socket of a listener; `active` answers with the snapshot that new requests take. */
export type CreateListener = (options: ListenerOptions, active: () => Snapshot) => Listener<ListenerOptions>

/** A listener's real address; the port differs from the configured one where that is 0. */
export interface BoundListener extends Pick<AddressInfo, 'address' | 'port'> {
  /** What clients speak: `http`, `https` or `tcp`. */
  readonly scheme: 'http' | 'https' | 'tcp'
  readonly name: string
  readonly connections: number
}

/** Sockets of one process over reloads: what stays the same keeps its socket and its connections. */
export interface Listeners {
  /** Binds what is new. A rejection when an address is taken; then nothing has changed. */
  prepare (wanted: readonly ListenerOptions[], active: () => Snapshot): Promise<ListenerChange | Rejection>
  readonly bound: readonly BoundListener[]
  /** Accepts nothing more, and resolves when the last connection has ended or after `graceMs`. */
  close (graceMs: number): Promise<void>
}

/** Sockets that are bound but not yet the ones that count. */
export interface ListenerChange {
  /** New limits hold, and removed listeners accept no more. */
  publish (): void
  abandon (): Promise<void>
}

/** `drainMs`: how long exchanges on a removed listener may last. */
export function createListeners (create: CreateListener, drainMs: number): Listeners {
  let current = new Map<string, Listener<ListenerOptions>>()
  /** By the key of the socket; as many as there were addresses. */
  const schemes = new Map<string, BoundListener['scheme']>()
  const leaving = new Set<Promise<void>>()

  function leave (listener: Listener<ListenerOptions>, graceMs: number): void {
    const closing = listener.close(graceMs).finally(() => { leaving.delete(closing) })
    leaving.add(closing)
  }

  return {
    async prepare (wanted, active) {
      const next = new Map<string, Listener<ListenerOptions>>()
      const fresh: Listener<ListenerOptions>[] = []
      const abandon = async (): Promise<void> => { await Promise.all(fresh.map((listener) => listener.close(0))) }
      for (const options of wanted) {
        const key = socketKey(options)
        const known = current.get(key)
        if (known !== undefined) {
          next.set(key, known)
          continue
        }
        try {
          const listener = create(options, active)
          await listener.listen()
          fresh.push(listener)
          next.set(key, listener)
        } catch (error) {
          await abandon()
          return rejection('bind', `listener ${options.name} cannot bind ${options.address}:${options.port}: ${bindText(error as NodeJS.ErrnoException)}`)
        }
      }
      return {
        publish () {
          for (const options of wanted) {
            next.get(socketKey(options))!.update(options)
            schemes.set(socketKey(options), options.protocol === 'tcp' ? 'tcp' : options.tls === null ? 'http' : 'https')
          }
          for (const [key, listener] of current) if (next.get(key) !== listener) leave(listener, drainMs)
          current = next
        },
        abandon
      }
    },
    get bound () {
      return [...current].map(([key, { name, address, connections }]) => ({ name, scheme: schemes.get(key)!, address: address!.address, port: address!.port, connections }))
    },
    async close (graceMs) {
      for (const listener of current.values()) leave(listener, graceMs)
      current = new Map()
      await Promise.all(leaving)
    }
  }
}

/** A renamed listener keeps its socket: the address could not be bound twice. Only where the system chooses the port the name decides. */
function socketKey ({ protocol, name, address, port }: ListenerOptions): string {
  return port === 0 ? `${protocol} ${address} 0 ${name}` : `${protocol} ${address} ${port}`
}

function bindText (error: NodeJS.ErrnoException): string {
  const known: Readonly<Record<string, string>> = { EADDRINUSE: 'the address is in use', EACCES: 'permission denied', EADDRNOTAVAIL: 'this machine does not have the address' }
  return known[error.code ?? ''] ?? error.message
}
