import http2 from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import type { Failure } from '../../schema/failure.ts'
import type { Call } from './call.ts'
import { Http2Stream } from './http2-stream.ts'
import type { PoolOptions } from './pool.ts'
import type { TlsClient } from './socket.ts'
import { unarmed } from './timeouts.ts'
import type { Timed, Timeouts } from './timeouts.ts'

/** What a session needs of its pool, and tells it. */
export interface Http2SessionOwner {
  readonly options: PoolOptions
  readonly authority: string
  readonly timeouts: Timeouts
  readonly tls: TlsClient | undefined
  /** It takes a call, or one more. */
  ready (session: Http2Session): void
  /** It is closed for good; `failure`: it never was open. Told once. */
  closed (session: Http2Session, failure: Failure | undefined): void
}

/** One connection of HTTP/2 to a target. */
export class Http2Session implements Timed {
  readonly timer = unarmed()
  connecting = true
  /** Calls under way. */
  active = 0
  readonly #owner: Http2SessionOwner
  readonly #session: ClientHttp2Session
  #leaving = false
  #closed = false
  #error = 'closed by the target'

  constructor (owner: Http2SessionOwner) {
    this.#owner = owner
    const { target, timeouts } = owner.options
    const secure = owner.tls === undefined ? {} : { ...owner.tls.options, ALPNProtocols: ['h2'] }
    const session = http2.connect(`${target.scheme}://${target.host}:${target.port}`, { ...secure, settings: { enablePush: false } })
    this.#session = session
    owner.timeouts.arm(this, timeouts.connect)
    // Not before: how many calls it may carry is the target's to say.
    session.on('remoteSettings', () => {
      if (this.connecting) owner.timeouts.disarm(this)
      this.connecting = false
      this.#settle()
    })
    session.on('goaway', () => { this.#leaving = true })
    session.on('error', (error: NodeJS.ErrnoException) => { this.#error = error.code ?? error.message })
    session.on('close', () => { this.#close(false) })
  }

  /** May carry one more call. */
  get takes (): boolean {
    return !this.connecting && !this.#leaving && !this.#session.closed && !this.#session.destroyed
      && this.active < (this.#session.remoteSettings.maxConcurrentStreams ?? 100)
  }

  begin (call: Call): void {
    this.active++
    this.#owner.timeouts.disarm(this)
    const { options, authority, timeouts } = this.#owner
    call.ready(new Http2Stream(this.#session, call, { options, authority, timeouts, ended: () => { this.#ended() } }))
  }

  /** Carries no further call, and closes when those under way have ended. */
  leave (): void {
    this.#leaving = true
    this.#session.close()
  }

  destroy (): void { this.#session.destroy() }

  expired (): void {
    if (this.connecting) this.#close(true)
    else this.leave()
  }

  #ended (): void {
    this.active--
    if (this.takes) this.#settle()
  }

  /** Gives room to those who wait; without calls it waits for the next one, but not for long. */
  #settle (): void {
    this.#owner.ready(this)
    if (this.active === 0 && !this.#closed) this.#owner.timeouts.arm(this, this.#owner.options.connections.idle)
  }

  #close (late: boolean): void {
    if (this.#closed) return
    this.#closed = true
    const { options: { upstream }, authority: target, timeouts } = this.#owner
    timeouts.disarm(this)
    const failed: Failure = late ? { kind: 'connect-timeout', upstream, target } : { kind: 'connect-failed', upstream, target, detail: this.#error }
    this.#owner.closed(this, this.connecting ? failed : undefined)
    this.#session.destroy()
  }
}
