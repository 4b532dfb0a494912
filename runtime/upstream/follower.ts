import { invariant } from '../../schema/invariant.ts'
import type { TunnelEnd } from '../tunnel/tunnel-end.ts'
import type { Call } from './call.ts'
import type { TargetConnection } from './target-connection.ts'

/** What a follower needs of the connection that it shares. */
export interface FollowedConnection extends TargetConnection {
  /** Whose response is being read. */
  readonly call: Call | undefined
  /** The call hears no more; its response is read and dropped, where others wait behind it. */
  forget (call: Call): void
}

/**
 * What a call has of a connection on which its request goes out behind those of others (RFC 9112 §9.3.2). Its response comes when theirs have
 * come; only then does it move anything.
 */
export class Follower implements TargetConnection {
  readonly framed = true
  readonly call: Call
  readonly #connection: FollowedConnection

  constructor (connection: FollowedConnection, call: Call) {
    this.#connection = connection
    this.call = call
  }

  get authority (): string { return this.#connection.authority }

  write (data: string | Buffer, done?: () => void): boolean { return this.#connection.write(data, done) }

  /** Nothing is measured until its turn comes. */
  requestEnded (): void {}

  pause (): void { if (this.#isCurrent()) this.#connection.pause() }

  resume (): void { if (this.#isCurrent()) this.#connection.resume() }

  keep (bytes: Buffer, start: number, end: number): Buffer { return this.#connection.keep(bytes, start, end) }

  abort (): void { this.#connection.forget(this.call) }

  takeOver (): TunnelEnd { invariant(false, 'a request to switch protocols goes out alone') }

  #isCurrent (): boolean { return this.#connection.call === this.call }
}
