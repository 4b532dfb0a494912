import type { Failure } from '../../schema/failure.ts'
import { socketEnd } from '../wire/wire-end.ts'
import type { TunnelEnd, TunnelEvents } from '../tunnel/tunnel-end.ts'
import type { Call } from './call.ts'
import { proxyPreface } from './proxy-preface.ts'
import { Follower } from './follower.ts'
import type { FollowedConnection } from './follower.ts'
import { Followers } from './followers.ts'
import { ChunkedDecoder } from './chunked.ts'
import { PendingHead } from './pending-head.ts'
import { ResponseHead } from './response-head.ts'
import { ReadBuffer } from './read-buffer.ts'
import { DirectWriter } from './direct-write.ts'
import { openSocket } from './socket.ts'
import type { TargetSocket, TlsClient } from './socket.ts'
import { unarmed } from './timeouts.ts'
import type { Timed, Timeouts } from './timeouts.ts'
import type { PoolOptions } from './pool.ts'

/** What a connection tells its pool. */
export interface ConnectionOwner {
  readonly options: PoolOptions
  readonly authority: string
  readonly timeouts: Timeouts
  readonly tls: TlsClient | undefined
  /** It is connected; `call` is undefined when the one it was opened for has been cancelled. */
  opened (connection: Connection, call: Call | undefined): void
  /** The response and the request are complete, and it can be used again. */
  released (connection: Connection): void
  /** It is closed for good, whatever the reason. Told once. */
  closed (connection: Connection): void
  /** It was kept, and the target closed it before any octet of a response: `call` may be sent again. */
  replay (call: Call): void
  /** Their requests are out, and their responses will not come, or not in time: they are to be sent again. `orderly`: the connection did not break. */
  unanswered (calls: readonly Call[], orderly: boolean): void
}

const connecting = 0; const idle = 1; const head = 2; const byLength = 3; const byChunks = 4; const byClose = 5; const closed = 6; const switched = 7

/** A target may send this many 1xx responses to one request. */
const maxInformational = 16

/** Parsing is synchronous and nobody keeps the head, so that one instance serves all connections. */
const responseHead = new ResponseHead()

const noTrailers: readonly string[] = Object.freeze([])

/** One connection to a target: writes a request, reads its response strictly, and takes the next. Nothing throws out of its socket's callbacks. */
export class Connection implements FollowedConnection, Timed {
  readonly timer = unarmed()
  readonly framed = true
  /** It has served a call before. */
  reused = false
  readonly #owner: ConnectionOwner
  readonly #socket: TargetSocket
  readonly #writer: DirectWriter
  #state = connecting
  #call: Call | undefined
  readonly #followers: Followers
  #requestDone = false
  #keep = true
  #left = 0
  #informational = 0
  #paused = false
  #blocked = false
  #responseTimeout = 0
  #chunks: ChunkedDecoder | undefined
  readonly #pending = new PendingHead()
  readonly #buffer = new ReadBuffer()
  #error = ''
  /** After a switch of protocols: who takes what is read, and what came before somebody did. */
  #tunnel: TunnelEvents | undefined
  #rest: Buffer | undefined

  constructor (owner: ConnectionOwner, call: Call) {
    this.#owner = owner
    this.#call = call
    owner.timeouts.arm(this, owner.options.timeouts.connect)
    this.#socket = openSocket(owner.options.target, owner.tls, {
      opened: () => this.#opened(),
      read: (bytes, length) => this.#read(bytes, length),
      buffer: () => this.#buffer.next(this.#state >= byLength && this.#state !== closed),
      drained: () => this.drained(),
      ended: () => this.#ended(),
      failed: (code) => { this.#error = code },
      closed: () => this.#closed(),
    }, owner.options.proxyProtocol === null ? undefined : proxyPreface(owner.options.proxyProtocol, call.client))
    this.#writer = new DirectWriter(this.#socket, this)
    this.#followers = new Followers(owner.timeouts, () => { this.#destroy() }, (calls) => { owner.unanswered(calls, true) })
  }

  get call (): Call | undefined { return this.#call }

  get authority (): string { return this.#owner.authority }

  /** May be handed out: open, unused, nothing unread. */
  get usable (): boolean { return this.#state === idle && !this.#socket.destroyed }

  /** Another request may leave behind those that are out. */
  get followable (): boolean { return this.#state === head && this.#requestDone && !this.#blocked && !this.#socket.destroyed }

  /** How many responses are awaited. */
  get depth (): number { return 1 + this.#followers.length }

  /** Begins a call. The pool alone calls it. */
  start (call: Call): void {
    this.#turnTo(call)
    this.#owner.timeouts.suspend(this)
    call.ready(this)
  }

  /** Begins a call whose response comes after those that are awaited. The pool alone calls it. */
  follow (call: Call): void {
    this.#followers.add(call, this.#call!)
    call.ready(new Follower(this, call))
  }

  /** Waits unused for at most the idle time. The pool alone calls it. */
  park (): void {
    this.#state = idle
    this.reused = true
    this.#owner.timeouts.arm(this, this.#owner.options.connections.idle)
  }

  write (data: string | Buffer, done?: () => void): boolean {
    if (this.#state === closed || this.#socket.destroyed) return true
    const flowing = typeof data === 'string' ? this.#writer.text(data) : this.#writer.bytes(data, done)
    if (!flowing && !this.#blocked) {
      this.#blocked = true
      if (this.#state === head) this.#owner.timeouts.arm(this, this.#owner.options.timeouts.idle)
    }
    return flowing
  }

  requestEnded (): void {
    this.#requestDone = true
    if (this.#state === head) this.#owner.timeouts.arm(this, this.#responseTimeout)
  }

  pause (): void {
    if (this.#paused || this.#state === closed) return
    this.#paused = true
    this.#owner.timeouts.disarm(this)
    this.#socket.pause()
  }

  resume (): void {
    if (!this.#paused || this.#state === closed) return
    this.#paused = false
    if (this.#state >= byLength) this.#owner.timeouts.arm(this, this.#owner.options.timeouts.idle)
    this.#socket.resume()
  }

  keep (bytes: Buffer, start: number, end: number): Buffer { return this.#buffer.keep(bytes, start, end) }

  /** Gives up the call, or the connection when nobody else waits on it. The call hears no more. */
  abort (): void {
    if (this.#call === undefined) this.#destroy()
    else this.forget(this.#call)
  }

  forget (call: Call): void {
    if (call !== this.#call) this.#followers.forget(call)
    else if (this.#followers.wanted.length > 0) {
      this.#call = this.#followers.forgotten(call)
      this.resume()
    } else {
      this.#call = undefined
      this.#destroy()
    }
  }

  /** The connection becomes the end of a tunnel; it is lost for the pool, and still counts as open until it closes. */
  takeOver (events: TunnelEvents): TunnelEnd {
    this.#tunnel = events
    const socket = this.#socket
    const rest = this.#rest
    this.#rest = undefined
    process.nextTick(() => {
      if (rest !== undefined) events.read(rest, 0, rest.length)
      socket.resume()
    })
    return socketEnd(socket, this.#writer, this.#buffer)
  }

  /** The call this connection is opened for has gone; what opens may serve another. */
  release (): void { this.#call = undefined }

  expired (): void {
    const { upstream, timeouts } = this.#owner.options
    const target = this.#owner.authority
    if (this.#state === idle) this.#destroy()
    else if (this.#state === connecting) this.#fail({ kind: 'connect-timeout', upstream, target })
    else if (this.#blocked && !this.#requestDone) this.#fail({ kind: 'upstream-reset', upstream, target, detail: `took nothing of the request for ${timeouts.idle} ms` })
    else this.#fail({ kind: 'response-timeout', upstream, target })
  }

  #opened (): void {
    if (this.#state !== connecting) return
    const call = this.#call
    this.#call = undefined
    this.#owner.timeouts.disarm(this)
    this.#state = idle
    this.#owner.opened(this, call)
  }

  /** The socket takes more. */
  drained (): void {
    if (this.#state === switched) return this.#tunnel?.drained()
    if (!this.#blocked) return
    this.#blocked = false
    if (this.#state === head) {
      if (this.#requestDone) this.#owner.timeouts.arm(this, this.#responseTimeout)
      else this.#owner.timeouts.disarm(this)
    }
    this.#call?.drained()
  }

  #read (bytes: Buffer, length: number): void {
    if (this.#state === switched) return this.#tunnel?.read(bytes, 0, length)
    if (this.#state === idle) return this.#destroy() // nothing was asked: poison for the next call
    let from = 0
    let to = length
    do {
      while (this.#state === head && from < to) {
        this.#pending.add(bytes, from, to)
        const parsed = this.#pending.parse(responseHead)
        if (parsed === 'incomplete') return
        if (parsed === 'invalid') return this.#broken(responseHead.fault)
        bytes = responseHead.bytes
        from = responseHead.end
        to = this.#pending.end
        this.#pending.clear()
        if (responseHead.status === 101 && this.#call!.switches) return this.#switch(bytes, from, to)
        if (!this.#takeHead(from < to)) return
      }
      if (this.#state >= byLength && this.#state !== closed) from = this.#body(bytes, from, to)
    } while (this.#state === head && from < to) // the response of a follower
    if (this.#state === idle && from < to) this.#destroy()
  }

  #switch (bytes: Buffer, from: number, to: number): void {
    this.#state = switched
    this.#owner.timeouts.disarm(this)
    this.#socket.pause()
    if (from < to) this.#rest = Buffer.from(bytes.subarray(from, to))
    this.#call!.switched(responseHead)
  }

  /** Acts on a parsed head. False when nothing more may be read. */
  #takeHead (more: boolean): boolean {
    const call = this.#call!
    const { status } = responseHead
    if (status < 200) {
      if (status === 101) return this.#broken('switched protocols unasked'), false
      if (++this.#informational > maxInformational) return this.#broken('too many informational responses'), false
      call.informational(responseHead)
      return this.#state === head
    }
    const noBody = call.bodyless || status === 204 || status === 304
    const { length, chunked, close } = responseHead
    if (close) this.#keep = false
    if (noBody || length === 0) this.#state = byLength
    else if (chunked) { this.#state = byChunks; this.#chunks = new ChunkedDecoder() }
    else if (length > 0) this.#state = byLength
    else { this.#state = byClose; this.#keep = false }
    this.#left = noBody ? 0 : Math.max(length, 0)
    call.head(responseHead, more || (this.#state === byLength && this.#left === 0))
    return true
  }

  /** Returns the position after what is the current response's. */
  #body (bytes: Buffer, from: number, to: number): number {
    const call = this.#call
    if (call === undefined) return to
    let stop = to
    if (this.#state === byLength) {
      stop = Math.min(to, from + this.#left)
      this.#left -= stop - from
      if (stop > from) call.data(bytes, from, stop, this.#left === 0)
      if (this.#left === 0 && this.#state === byLength) this.#complete(stop < to, noTrailers)
    } else if (this.#state === byChunks) {
      const chunks = this.#chunks!
      stop = chunks.decode(bytes, from, to)
      if (chunks.dataEnd > chunks.dataStart) call.data(bytes, chunks.dataStart, chunks.dataEnd, chunks.done && chunks.trailers.length === 0)
      if (this.#state !== byChunks) return stop
      if (chunks.fault !== '') this.#broken(chunks.fault)
      else if (chunks.done) this.#complete(stop < to, chunks.trailers)
    } else if (to > from) call.data(bytes, from, to, false)
    if (this.#state >= byLength && this.#state !== closed && !this.#paused) this.#owner.timeouts.arm(this, this.#owner.options.timeouts.idle)
    return stop
  }

  /** Reads the response of this call from now on. */
  #turnTo (call: Call): void {
    this.#call = call
    this.#state = head
    this.#requestDone = false
    this.#keep = true
    this.#informational = 0
    this.#responseTimeout = call.responseTimeout
  }

  #complete (surplus: boolean, trailers: readonly string[]): void {
    const call = this.#call!
    this.#call = undefined
    this.#chunks = undefined
    this.#owner.timeouts.suspend(this)
    // A response before the request's end leaves the rest of the request unsaid: nobody can use the connection after it.
    if ((surplus && this.#followers.length === 0) || !this.#keep || !this.#requestDone || this.#blocked || this.#socket.destroyed) this.#destroy()
    else {
      if (this.#paused) { this.#paused = false; this.#socket.resume() }
      const next = this.#followers.shift()
      if (next === undefined) this.#state = idle
      else this.#turnToFollower(next)
    }
    call.end(trailers)
    if (this.#state === idle) this.#owner.released(this)
  }

  #turnToFollower (call: Call): void {
    this.#turnTo(call)
    this.reused = true
    this.requestEnded()
  }

  /** The target has ended its side: the end of a body by close, else a cut. */
  #ended (): void {
    const call = this.#call
    if (this.#state === switched) return this.#tunnel?.ended()
    if (this.#state !== byClose || call === undefined) return this.#lost('closed by the target')
    // A reset that comes with data looks like an end. Writing nothing tells them apart: on a reset connection it fails.
    this.#socket.write('', 'latin1', (error) => {
      if (this.#call !== call) return
      if (error == null) this.#complete(false, noTrailers)
      else this.#lost('reset by the target')
    })
  }

  #closed (): void { this.#lost('closed') }

  #lost (how: string): void {
    if (this.#state === closed) return
    if (this.#state === switched) {
      this.#destroy()
      return this.#tunnel?.closed(this.#error !== '')
    }
    const call = this.#call
    const detail = this.#error || how
    const { upstream } = this.#owner.options
    const target = this.#owner.authority
    if (this.#state === connecting) this.#fail({ kind: 'connect-failed', upstream, target, detail })
    else if (call !== undefined && this.#state === head && this.reused && call.replayable && this.#pending.empty && this.#informational === 0) {
      this.#call = undefined
      this.#destroy()
      this.#owner.replay(call)
    } else this.#fail({ kind: 'upstream-reset', upstream, target, detail })
  }

  #broken (detail: string): void {
    this.#fail({ kind: 'upstream-invalid', upstream: this.#owner.options.upstream, target: this.#owner.authority, detail })
  }

  #fail (failure: Failure): void {
    const call = this.#call
    this.#call = undefined
    this.#destroy()
    call?.failed(failure)
  }

  #destroy (): void {
    if (this.#state === closed) return
    this.#state = closed
    this.#pending.clear()
    this.#owner.timeouts.disarm(this)
    this.#socket.destroy()
    const waiting = this.#followers.clear()
    this.#owner.closed(this)
    if (waiting.length > 0) this.#owner.unanswered(waiting, !this.#keep)
  }
}
