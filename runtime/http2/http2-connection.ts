import { constants, performServerHandshake } from 'node:http2'
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { Arrival } from '../accept/arrival.ts'
import type { ListenerContext, ListenerView } from '../http/context.ts'
import { Transaction } from '../http/transaction.ts'
import { unarmed } from '../upstream/timeouts.ts'
import type { Timed } from '../upstream/timeouts.ts'
import { Http2Request } from './http2-request.ts'
import { createResetBudget } from './reset-budget.ts'

/** How long, in milliseconds, a peer has to close a connection that has been told to. */
const partingTime = 2_000

/** One client's HTTP/2 connection (RFC 9113): each of its streams is a transaction of its own. */
export class Http2Connection implements Timed {
  readonly timer = unarmed()
  readonly #context: ListenerContext
  readonly #arrival: Arrival
  readonly #session: ServerHttp2Session
  readonly #resets = createResetBudget()
  #streams = 0
  #leaving = false

  constructor (arrival: Arrival, { live: { options: { limits } } }: ListenerView, context: ListenerContext) {
    this.#arrival = arrival
    this.#context = context
    const session = performServerHandshake(arrival.socket, {
      settings: { maxConcurrentStreams: limits.streams, maxHeaderListSize: limits.headBytes, enablePush: false },
      // Somewhat more than the limit, so that what exceeds it is answered, not reset.
      maxHeaderListPairs: limits.headers + 100,
      maxSessionInvalidFrames: 100,
      unknownProtocolTimeout: partingTime,
    })
    this.#session = session
    session.on('error', () => {}) // `close` follows
    session.on('stream', (stream: ServerHttp2Stream, _headers: IncomingHttpHeaders, flags: number, raw: readonly string[]) => {
      try {
        this.#begin(stream, flags, raw)
      } catch (error) {
        context.bug(error, 'listener')
        session.destroy()
      }
    })
    session.on('close', () => { context.timeouts.disarm(this) })
    this.#await()
  }

  get busy (): boolean { return this.#streams > 0 }

  /** Takes no further requests, and closes when those under way have ended. */
  shutdown (): void {
    if (this.#leaving) return
    this.#leaving = true
    this.#session.close()
    if (!this.busy) this.#context.timeouts.arm(this, partingTime)
  }

  destroy (): void { this.#session.destroy() }

  expired (): void {
    if (this.#leaving) this.destroy()
    else this.shutdown()
  }

  #begin (stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    this.#streams++
    this.#context.timeouts.disarm(this)
    // It was taken back before it could begin: nothing will be heard of it.
    if (stream.destroyed || stream.closed) return this.#ended(true)
    const request = new Http2Request(stream, raw, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0, this.#arrival, this.#context)
    const transaction = new Transaction(request, request, this.#context)
    request.serves(transaction)
    stream.on('error', () => {}) // `close` follows
    stream.once('close', () => {
      const unanswered = transaction.unanswered
      request.closed()
      this.#ended(unanswered && stream.rstCode !== constants.NGHTTP2_NO_ERROR)
    })
    transaction.begin()
  }

  #ended (reset: boolean): void {
    this.#streams--
    // Requests that are taken back as fast as they come cost the gateway more than their sender (CVE-2023-44487).
    if (reset && !this.#resets.take(performance.now())) return this.#session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM)
    if (this.#streams > 0 || this.#session.destroyed) return
    if (this.#leaving) this.#context.timeouts.arm(this, partingTime)
    else this.#await()
  }

  #await (): void {
    if (this.#context.closing) return this.shutdown()
    const view = this.#context.view()
    if (view !== undefined) this.#context.timeouts.arm(this, view.live.options.timeouts.idle)
  }
}
