import type { Failure } from '../../schema/failure.ts'
import type { TargetConnection } from './target-connection.ts'
import type { ConnectionEnds } from './proxy-preface.ts'
import type { ResponseHead } from './response-head.ts'

/** One request on its way to one target. Each lane implements it; the upstream client tells it what happens. None of its members may throw. */
export interface Call {
  /** The response has no body whatever its head says: the method is HEAD. */
  readonly bodyless: boolean
  /** May be sent a second time: idempotent method and no body. Used once, when a kept connection turns out to be closed. */
  readonly replayable: boolean
  /** Whose request it is; undefined: the gateway's own. */
  readonly client: ConnectionEnds | undefined
  /** The request asks to switch protocols (RFC 9110 §7.8). */
  readonly switches: boolean
  /** Milliseconds from the end of the request to the head of the response. */
  readonly responseTimeout: number
  /** A connection is this call's own: write the request. Called again with another one when the request is replayed. */
  ready (connection: TargetConnection): void
  /** A 1xx response, never 101. The head is valid during this call of the method only. */
  informational (head: ResponseHead): void
  /** The target switches protocols: `connection.takeOver` gives what follows. The head is valid during this call of the method only. */
  switched (head: ResponseHead): void
  /** The final response's head. Valid during this call of the method only. `followed`: a part of the body, or its end, follows at once. */
  head (head: ResponseHead, followed: boolean): void
  /**
   * A part of the body. The bytes are valid during this call of the method, unless `connection.keep()` is called in it.
   * `last`: the body ends with it and has no trailers; `end` follows at once.
   */
  data (bytes: Buffer, start: number, end: number, last: boolean): void
  /** The response is complete; the connection is no longer this call's. Trailer names and values in turn. */
  end (trailers: readonly string[]): void
  /** The target takes more of the request body, after `connection.write` said no. */
  drained (): void
  /** It went wrong: before `head`, nothing has been told; after it, the body is incomplete. The connection is no longer this call's. */
  failed (failure: Failure): void
}
