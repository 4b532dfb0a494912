import type { Failure } from '../../schema/failure.ts'
import type { Call } from './call.ts'
import type { ConnectionQuota, QuotaMember } from './connection-quota.ts'
import { Http2Session } from './http2-session.ts'
import type { Http2SessionOwner } from './http2-session.ts'
import type { Pool, PoolOptions } from './pool.ts'
import { authorityOf } from './authority-of.ts'
import { createTlsClient } from './socket.ts'
import type { TlsClient } from './socket.ts'
import type { Timeouts } from './timeouts.ts'
import { Waiting } from './waiting.ts'

/** Connections of HTTP/2 to one target: one carries many calls, further ones are opened when it is full. */
export class Http2Pool implements Pool, Http2SessionOwner, QuotaMember {
  options: PoolOptions
  readonly authority: string
  readonly timeouts: Timeouts
  readonly tls: TlsClient | undefined
  readonly #quota: ConnectionQuota
  readonly #sessions = new Set<Http2Session>()
  readonly #waiting = new Map<Call, Waiting>()
  #closing = false

  constructor (options: PoolOptions, timeouts: Timeouts, quota: ConnectionQuota) {
    this.options = options
    this.authority = authorityOf(options.target)
    this.timeouts = timeouts
    this.tls = createTlsClient(options)
    this.#quota = quota
    quota.join(this)
  }

  get active (): number { return [...this.#sessions].filter(({ active }) => active > 0).length }
  get idle (): number { return this.#sessions.size - this.active }
  get waiting (): number { return this.#waiting.size }

  acquire (call: Call): void {
    for (const session of this.#sessions) if (session.takes) return session.begin(call)
    if (this.#waiting.size >= this.options.connections.pending || !this.#quota.wait()) {
      return call.failed({ kind: 'overloaded', upstream: this.options.upstream, retryAfter: 1 })
    }
    const waiting = new Waiting(call, () => {
      this.#unwait(waiting)
      call.failed({ kind: 'overloaded', upstream: this.options.upstream, retryAfter: 1 })
    })
    this.#waiting.set(call, waiting)
    this.timeouts.arm(waiting, this.options.timeouts.connect)
    this.#open()
  }

  cancel (call: Call): void {
    const waiting = this.#waiting.get(call)
    if (waiting !== undefined) this.#unwait(waiting)
  }

  update (options: PoolOptions): void { this.options = options }

  close (): void {
    this.#closing = true
    for (const session of this.#sessions) session.leave()
    this.#quota.leave(this)
  }

  yield (): boolean {
    for (const session of this.#sessions) {
      if (session.active > 0 || session.connecting) continue
      session.destroy()
      return true
    }
    return false
  }

  resume (): boolean {
    if (this.#waiting.size === 0) return false
    this.#open()
    return true
  }

  ready (session: Http2Session): void {
    for (const waiting of [...this.#waiting.values()]) {
      if (!session.takes) break
      this.#unwait(waiting)
      session.begin(waiting.call)
    }
    if (this.#closing && session.active === 0) session.leave()
    else if (this.#waiting.size > 0) this.#open()
  }

  closed (session: Http2Session, failure: Failure | undefined): void {
    this.#sessions.delete(session)
    this.#quota.closed()
    if (failure !== undefined && this.#sessions.size === 0) {
      for (const waiting of [...this.#waiting.values()]) {
        this.#unwait(waiting)
        waiting.call.failed(failure)
      }
    } else if (this.#waiting.size > 0) this.#open()
  }

  /** Opens one more connection, unless one is being opened. */
  #open (): void {
    for (const { connecting } of this.#sessions) if (connecting) return
    if (this.#sessions.size >= this.options.connections.max || !this.#quota.open(this)) return
    this.#sessions.add(new Http2Session(this))
  }

  #unwait (waiting: Waiting): void {
    this.timeouts.disarm(waiting)
    this.#waiting.delete(waiting.call)
    this.#quota.waited()
  }
}
