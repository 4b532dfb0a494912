import type { TargetConnection } from '../upstream/target-connection.ts'
import type { ResponseText } from './response-fields.ts'
import type { ResponseHead } from '../upstream/response-head.ts'

/** What a writer tells its transaction. */
export interface WriterEvents {
  /** The client takes more of the body, after `write` said no. */
  drained (): void
  /** The client has taken nothing for too long. */
  stalled (): void
  /** All of the response has left. */
  finished (): void
}

/** Writes one response to the client. Each lane implements it. */
export interface ResponseWriter {
  /** The client has been told to send its body. */
  readonly continued: boolean
  readonly begun: boolean
  readonly ended: boolean
  /** Passes `100 Continue` or `103 Early Hints` on; nothing else of 1xx means anything to a client. HTTP/1.0 clients know none. */
  informational (head: ResponseHead): void
  /** Begins the response. `fields` hold no framing but `Content-Length`. */
  head (status: number, reason: string, fields: readonly string[], close: boolean): void
  /** Begins the response with a head that is written but for its framing and `Date`. Undefined: this lane writes heads another way. */
  headText? (status: number, text: ResponseText, close: boolean): void
  /** Sends the head without waiting for a part of the body. */
  flush (): void
  /** Sends a part of the body; with `last` the response ends soon after. False: wait for `drained`. */
  write (bytes: Buffer, start: number, end: number, last: boolean, connection: TargetConnection | undefined): boolean
  /** Ends the response, unless its last part has. */
  end (trailers: readonly string[]): void
  /** Sends a response of the gateway's own. With `hold`, the caller ends it, so that the rest of the request can be read first. */
  reply (status: number, text: string, fields: readonly string[], close: boolean, hold: boolean): void
  /** Breaks the response off, so that no client can take what it has for the whole. */
  cut (): void
  /** Lets go: no more events. */
  release (): void
}
