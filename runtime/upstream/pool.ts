import type { ResolvedTarget, ResolvedUpstream } from '../../schema/resolved.ts'
import { authorityOf } from './authority-of.ts'
import type { Call } from './call.ts'
import { Connection } from './connection.ts'
import type { ConnectionOwner } from './connection.ts'
import type { ConnectionQuota, QuotaMember } from './connection-quota.ts'
import { Http2Pool } from './http2-pool.ts'
import { createTlsClient } from './socket.ts'
import type { TlsClient } from './socket.ts'
import { unarmed } from './timeouts.ts'
import type { Timed, Timeouts } from './timeouts.ts'
import { Waiting } from './waiting.ts'

/** What a pool is made of. `ca` is the text that the secret resolved to. */
export interface PoolOptions {
  /** Name of the upstream, for failures. */
  readonly upstream: string
  readonly target: ResolvedTarget
  readonly protocol: ResolvedUpstream['protocol']
  readonly timeouts: ResolvedUpstream['timeouts']
  readonly connections: ResolvedUpstream['connections']
  readonly tls: {
    readonly verify: boolean, readonly serverName: string | null, readonly ca: string | null
    /** Shown to targets that ask for it; with its key. */
    readonly certificate: string | null, readonly key: string | null
  }
  /** Connections begin with a header that tells the client, and serve it alone. */
  readonly proxyProtocol: ResolvedUpstream['proxyProtocol']
}

/** Connections to one target. Outlives snapshots: a reload updates its options and drops no connection of an unchanged target. */
export interface Pool {
  readonly options: PoolOptions
  /** `10.0.0.1:8080`: the `Host` of the target, without the port where it is that of the scheme. */
  readonly authority: string
  /** Connections that serve a call or are being opened. */
  readonly active: number
  /** Connections kept for the next call. */
  readonly idle: number
  /** Calls that wait for a connection. */
  readonly waiting: number
  /** Gives the call a connection by `call.ready`, at once or later, or tells it why not by `call.failed`. */
  acquire (call: Call): void
  /** The call has gone before `ready`. */
  cancel (call: Call): void
  /** Takes new limits and timeouts. Another target or other TLS settings are another pool. */
  update (options: PoolOptions): void
  /** Closes unused connections and keeps none from now on. Calls under way, and those still to come, are served. */
  close (): void
}

/** A pool without connections: they are opened when calls come. `quota`: shared with the other targets of the upstream. Throws for TLS settings that cannot be used. */
export function createPool (options: PoolOptions, timeouts: Timeouts, quota: ConnectionQuota): Pool {
  return options.protocol === 'h2' ? new Http2Pool(options, timeouts, quota) : new TargetPool(options, timeouts, quota)
}

/** After a connection broke with requests out, a target gets them one by one for so many milliseconds. */
const aloneTime = 10_000

class TargetPool implements Pool, ConnectionOwner, QuotaMember {
  options: PoolOptions
  readonly authority: string
  readonly timeouts: Timeouts
  readonly tls: TlsClient | undefined
  /** The latest last: it is handed out first, so that surplus connections time out. */
  readonly #idle: Connection[] = []
  readonly #opening = new Set<Connection>()
  readonly #waiting = new Map<Call, Waiting>()
  readonly #quota: ConnectionQuota
  #open = 0
  /** Taken in this turn of the event loop; others may follow on it until the turn ends. */
  #shared: Connection | undefined
  readonly #endOfTurn = (): void => { this.#shared = undefined }
  #alone = false
  readonly #aloneTimer: Timed = { timer: unarmed(), expired: () => { this.#alone = false } }
  #closing = false

  constructor (options: PoolOptions, timeouts: Timeouts, quota: ConnectionQuota) {
    this.options = options
    this.timeouts = timeouts
    this.authority = authorityOf(options.target)
    this.tls = createTlsClient(options)
    this.#quota = quota
    quota.join(this)
  }

  get active (): number { return this.#open - this.#idle.length }
  get idle (): number { return this.#idle.length }
  get waiting (): number { return this.#waiting.size }

  acquire (call: Call): void {
    const { pipelining = 1 } = this.options.connections
    if (pipelining === 1 || this.#alone || !call.replayable || call.bodyless || call.switches) this.#take(call)
    else if (this.#shared?.followable === true && this.#shared.depth < pipelining) this.#shared.follow(call)
    else this.#share(this.#take(call))
  }

  /** A new connection is nobody's to share: whether the target keeps it is not known (RFC 9112 §9.3.2). */
  #share (connection: Connection | undefined): void {
    if (connection === undefined) return
    if (this.#shared === undefined) setImmediate(this.#endOfTurn)
    this.#shared = connection
  }

  /** Returns the connection when it is one that was kept. */
  #take (call: Call): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.usable) {
        // Answered within the turn: whoever takes it now may be one that nobody may follow.
        if (connection === this.#shared) this.#shared = undefined
        connection.start(call)
        return connection
      }
      connection.abort()
    }
    if (this.#open < this.options.connections.max && this.#quota.open(this)) this.#connect(call)
    else if (this.#waiting.size < this.options.connections.pending && this.#quota.wait()) this.#wait(call)
    else call.failed({ kind: 'overloaded', upstream: this.options.upstream, retryAfter: 1 })
    return undefined
  }

  cancel (call: Call): void {
    const waiting = this.#waiting.get(call)
    if (waiting !== undefined) {
      this.#unwait(waiting)
      return
    }
    for (const connection of this.#opening) if (connection.call === call) connection.release()
  }

  update (options: PoolOptions): void { this.options = options }

  close (): void {
    this.#closing = true
    for (const connection of [...this.#idle]) connection.abort()
    this.#quota.leave(this)
  }

  yield (): boolean {
    const unused = this.#idle[0]
    unused?.abort()
    return unused !== undefined
  }

  resume (): boolean {
    if (this.#waiting.size === 0 || this.#open >= this.options.connections.max || !this.#quota.open(this)) return false
    this.#connect(this.#nextWaiting()!)
    return true
  }

  opened (connection: Connection, call: Call | undefined): void {
    this.#opening.delete(connection)
    if (call !== undefined) connection.start(call)
    else this.released(connection)
  }

  released (connection: Connection): void {
    if (this.options.proxyProtocol !== null) return connection.abort()
    const next = this.#nextWaiting()
    if (next !== undefined) {
      connection.reused = true
      connection.start(next)
    } else if (this.#closing || this.#quota.starved) connection.abort()
    else {
      connection.park()
      this.#idle.push(connection)
    }
  }

  closed (connection: Connection): void {
    this.#open--
    this.#opening.delete(connection)
    const at = this.#idle.lastIndexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
    this.#quota.closed()
    this.resume()
  }

  replay (call: Call): void {
    // Not one of the kept connections: they may be closed too.
    if (this.#open < this.options.connections.max && this.#quota.open(this)) this.#connect(call)
    else this.#take(call)
  }

  unanswered (calls: readonly Call[], orderly: boolean): void {
    if (!orderly) {
      this.#alone = true
      this.timeouts.arm(this.#aloneTimer, aloneTime)
    }
    for (const call of calls) this.replay(call)
  }

  #connect (call: Call): void {
    this.#open++
    this.#opening.add(new Connection(this, call))
  }

  #wait (call: Call): void {
    const waiting = new Waiting(call, () => {
      this.#unwait(waiting)
      call.failed({ kind: 'overloaded', upstream: this.options.upstream, retryAfter: 1 })
    })
    this.#waiting.set(call, waiting)
    this.timeouts.arm(waiting, this.options.timeouts.connect)
  }

  #nextWaiting (): Call | undefined {
    for (const [call, waiting] of this.#waiting) {
      this.#unwait(waiting)
      return call
    }
    return undefined
  }

  #unwait (waiting: Waiting): void {
    this.timeouts.disarm(waiting)
    this.#waiting.delete(waiting.call)
    this.#quota.waited()
  }
}
