import type { Failure } from '../../schema/failure.ts'
import type { Call } from '../upstream/call.ts'
import { maxUnwanted } from '../upstream/forgotten-call.ts'
import type { TargetConnection } from '../upstream/target-connection.ts'
import type { Endpoint } from '../upstream/endpoint.ts'
import type { ConnectionEnds } from '../upstream/proxy-preface.ts'
import type { ResponseHead } from '../upstream/response-head.ts'
import type { ForwardCall } from './forward-call.ts'

/** What a try tells its forwarding. */
export interface TryOwner {
  ready (connection: TargetConnection): void
  /** The final head. False: this try's response is not wanted. */
  head (attempt: Try, head: ResponseHead, followed: boolean): boolean
  switched (attempt: Try, head: ResponseHead): void
  ended (attempt: Try, trailers: readonly string[]): void
  failed (attempt: Try, failure: Failure): void
}

/** One request at one endpoint. Its response goes on to the lane's call, unless another try takes its place. */
export class Try implements Call {
  readonly bodyless: boolean
  readonly replayable: boolean
  readonly switches: boolean
  readonly client: ConnectionEnds | undefined
  readonly responseTimeout: number
  readonly endpoint: Endpoint
  readonly startedAt: number
  /** Counts as a retry in the budget. */
  readonly again: boolean
  connection: TargetConnection | undefined
  readonly #owner: TryOwner
  readonly #call: ForwardCall
  #discarded = false
  #released = false
  #left = maxUnwanted

  constructor (owner: TryOwner, call: ForwardCall, endpoint: Endpoint, startedAt: number, again: boolean) {
    this.#owner = owner
    this.#call = call
    this.endpoint = endpoint
    this.startedAt = startedAt
    this.again = again
    this.bodyless = call.bodyless
    this.replayable = call.replayable
    this.switches = call.switches
    this.client = call.client
    this.responseTimeout = call.responseTimeout
  }

  /** Gives it up: whatever comes of it goes nowhere. */
  cancel (): void {
    if (this.connection === undefined) this.endpoint.pool.cancel(this)
    else this.connection.abort()
    this.connection = undefined
  }

  /** True the first time: it is to be counted out. */
  release (): boolean {
    const first = !this.#released
    this.#released = true
    return first
  }

  ready (connection: TargetConnection): void {
    this.connection = connection
    this.#owner.ready(connection)
  }

  informational (head: ResponseHead): void { this.#call.informational(head) }

  switched (head: ResponseHead): void { this.#owner.switched(this, head) }

  head (head: ResponseHead, followed: boolean): void { this.#discarded = !this.#owner.head(this, head, followed) }

  data (bytes: Buffer, start: number, end: number, last: boolean): void {
    if (!this.#discarded) this.#call.data(bytes, start, end, last)
    else if ((this.#left -= end - start) < 0) {
      this.cancel()
      this.#owner.ended(this, [])
    }
  }

  end (trailers: readonly string[]): void {
    this.connection = undefined
    this.#owner.ended(this, trailers)
  }

  drained (): void { if (!this.#discarded) this.#call.drained() }

  failed (failure: Failure): void {
    this.connection = undefined
    this.#owner.failed(this, failure)
  }
}
