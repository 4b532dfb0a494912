import type { AddressInfo } from 'node:net'

/** A socket that accepts clients, whatever they speak. */
export interface Listener<Options> {
  readonly name: string
  /** Binds; rejects when the address is taken. */
  listen (): Promise<AddressInfo>
  /** Undefined while it is not bound. */
  readonly address: AddressInfo | undefined
  /** Open client connections. */
  readonly connections: number
  /** Takes a new name, limits and timeouts. Address, port and kind stay: another port is another listener. */
  update (options: Options): void
  /** Accepts no more, lets what is under way end for at most `graceMs`, then cuts it. Resolves when the last connection is closed. */
  close (graceMs: number): Promise<void>
}
