import type { TunnelEnd, TunnelEvents } from '../tunnel/tunnel-end.ts'

/** What carries one call to a target: a connection of HTTP/1.1, or a stream of HTTP/2. */
export interface TargetConnection {
  /** The `Host` of the target. */
  readonly authority: string
  /** Bodies of unknown length are to be written in chunks (RFC 9112 §7.1); else as they are, and not in one piece with the head. */
  readonly framed: boolean
  /** Writes a part of the request, the head first: text is latin1. `done`: bytes are not looked at any more. False: wait for `call.drained`. */
  write (data: string | Buffer, done?: () => void): boolean
  /** The request is written whole; from now on the response is waited for. */
  requestEnded (): void
  /** Stops reading the response until `resume`. */
  pause (): void
  resume (): void
  /** A part given to `call.data`, as bytes that stay valid. Whoever is done with them calls `giveBack`. */
  keep (bytes: Buffer, start: number, end: number): Buffer
  /** Gives up the call. It hears no more. */
  abort (): void
  /** After `call.switched`: becomes the end of a tunnel. */
  takeOver (events: TunnelEvents): TunnelEnd
}
