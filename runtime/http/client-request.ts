import type { Failure } from '../../schema/failure.ts'
import type { Timeouts } from '../upstream/timeouts.ts'
import type { Accepted, Limits } from './accept.ts'
import type { BodySource } from './client.ts'
import type { ResponseWriter, WriterEvents } from './response-writer.ts'

/** One request as it has come, its head complete. Each lane implements it. */
export interface ClientRequest {
  readonly method: string
  /** `1.1` or `1.0`, for `Via`. */
  readonly version: string
  readonly body: BodySource
  /** Decides whether it is a request that every parser reads alike and that keeps the limits. */
  accept (limits: Limits, scheme: 'http' | 'https'): Accepted | Failure
  /** The way to answer it; asked for once. `stallTimeout`: how long the client may take nothing, in milliseconds. */
  respond (timeouts: Timeouts, stallTimeout: number, events: WriterEvents): ResponseWriter
}
