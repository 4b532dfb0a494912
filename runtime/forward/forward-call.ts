import type { HeadEdits } from '../../schema/exchange.ts'
import type { BalanceRequest } from '../balance/hash-key.ts'
import type { Call } from '../upstream/call.ts'
import type { TargetConnection } from '../upstream/target-connection.ts'

/** What forwarding looks at in an exchange. */
export interface ForwardExchange extends BalanceRequest {
  readonly method: string
  readonly responseEdits: HeadEdits
}

/** A lane's call as forwarding needs it: `ready` may come again with another connection, until `head` or `failed` has come. */
export interface ForwardCall extends Call {
  readonly exchange: ForwardExchange
  /** When the request had been sent whole, by the monotonic clock; 0: not yet. */
  readonly sentAt: number
  /** Milliseconds from the request to the head of the response, all tries together; 0: no limit. */
  readonly totalTimeout: number
  /** Keep up to this many bytes of the request body from the next `ready` on, so that it can be sent again. */
  keepBody (limit: number): void
  /** The connection has been lost, and the request will be sent again from its first byte. False when what was sent of the body is gone. */
  rewind (): boolean
  /** Of several connections that were made ready, this one's response follows. */
  answeredBy (connection: TargetConnection): void
}
