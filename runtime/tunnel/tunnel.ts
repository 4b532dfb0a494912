import { unarmed } from '../upstream/timeouts.ts'
import type { Timed, Timeouts } from '../upstream/timeouts.ts'
import type { TunnelEnd, TunnelEvents } from './tunnel-end.ts'

/** How a tunnel has ended: both sides were done, one broke off, nothing passed for too long, or it was cut. */
export type TunnelResult = 'ok' | 'reset' | 'idle' | 'cut'

export interface TunnelOptions {
  readonly timeouts: Timeouts
  /** Longest time without a byte in either direction, in milliseconds. */
  readonly idle: number
  /** Told once, when both ends are closed or being closed. */
  readonly ended: (result: TunnelResult) => void
}

/**
 * Passes bytes between two ends as they are: with back-pressure, half-closes passed on, and a break of one side passed on as a break.
 * Give `client` and `target` to the ends, then call `start`.
 */
export class Tunnel implements Timed {
  readonly timer = unarmed()
  readonly client: Side
  readonly target: Side
  readonly #options: TunnelOptions
  #over = false

  constructor (options: TunnelOptions) {
    this.#options = options
    this.client = new Side(this)
    this.target = new Side(this)
    this.client.other = this.target
    this.target.other = this.client
  }

  start (client: TunnelEnd, target: TunnelEnd): void {
    this.client.end = client
    this.target.end = target
    this.touch()
  }

  /** Ends it from outside. */
  cut (): void { this.finish('cut', true) }

  expired (): void { this.finish('idle', true) }

  /** Something has passed. */
  touch (): void { if (!this.#over) this.#options.timeouts.arm(this, this.#options.idle) }

  finish (result: TunnelResult, reset: boolean): void {
    if (this.#over) return
    this.#over = true
    this.#options.timeouts.disarm(this)
    this.client.end?.destroy(reset)
    this.target.end?.destroy(reset)
    this.#options.ended(result)
  }
}

/** One direction: what is read here is written to the other side. */
class Side implements TunnelEvents {
  other!: Side
  end: TunnelEnd | undefined
  /** Octets read on this side. */
  bytes = 0
  /** The peer of this side has ended. */
  done = false
  readonly #tunnel: Tunnel

  constructor (tunnel: Tunnel) { this.#tunnel = tunnel }

  read (bytes: Buffer, start: number, end: number): void {
    this.bytes += end - start
    this.#tunnel.touch()
    if (!this.other.end!.write(bytes, start, end, this.end!)) this.end!.pause()
  }

  drained (): void {
    this.#tunnel.touch()
    this.other.end?.resume()
  }

  ended (): void {
    if (this.done) return
    this.done = true
    if (this.other.done) this.#tunnel.finish('ok', false)
    else this.other.end?.end()
  }

  closed (failed: boolean): void {
    if (!failed && this.done && this.other.done) this.#tunnel.finish('ok', false)
    else this.#tunnel.finish(failed ? 'reset' : 'ok', failed)
  }
}
