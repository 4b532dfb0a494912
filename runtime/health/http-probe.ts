import type { Failure } from '../../schema/failure.ts'
import type { ResolvedHealth } from '../../schema/resolved.ts'
import type { Call } from '../upstream/call.ts'
import type { TargetConnection } from '../upstream/target-connection.ts'
import { createConnectionQuota } from '../upstream/connection-quota.ts'
import { createPool } from '../upstream/pool.ts'
import type { ResponseHead } from '../upstream/response-head.ts'
import type { StartProbe } from './probe.ts'

/** Of the body, looked at for the text that must be in it. */
const maxBody = 64 * 1024

/** Sends a request on a connection of its own, and looks at status and body. */
export const httpProbe: StartProbe = ({ upstream, target, protocol, health, tls, proxyProtocol, timeouts }, done) => {
  const waits = { connect: health.timeout, response: health.timeout, idle: health.timeout, total: 0 }
  const connections = { max: 1, pending: 0, requests: null, idle: 1 }
  const pool = createPool({ upstream, target, protocol, timeouts: waits, connections, tls, proxyProtocol }, timeouts, createConnectionQuota({ connections: null, pending: null, requests: null }))
  const call = new ProbeCall(health, done)
  pool.acquire(call)
  return {
    cancel () {
      pool.cancel(call)
      call.cancel()
    }
  }
}

class ProbeCall implements Call {
  readonly bodyless: boolean
  readonly replayable = false
  readonly switches = false
  readonly client = undefined
  readonly responseTimeout: number
  readonly #health: ResolvedHealth
  readonly #done: (failure: string | undefined) => void
  #connection: TargetConnection | undefined
  #body = ''
  #over = false

  constructor (health: ResolvedHealth, done: (failure: string | undefined) => void) {
    this.bodyless = health.method === 'HEAD'
    this.responseTimeout = health.timeout
    this.#health = health
    this.#done = done
  }

  cancel (): void {
    this.#over = true
    this.#connection?.abort()
  }

  ready (connection: TargetConnection): void {
    if (this.#over) return connection.abort()
    this.#connection = connection
    const { method, path, host } = this.#health
    connection.write(`${method} ${path} HTTP/1.1\r\nHost: ${host ?? connection.authority}\r\nUser-Agent: gwc-health\r\nAccept: */*\r\nConnection: close\r\n\r\n`)
    connection.requestEnded()
  }

  informational (): void {}

  switched (): void {}

  head ({ status }: ResponseHead): void {
    const { status: ranges, body } = this.#health
    if (!ranges.some(([first, last]) => status >= first && status <= last)) this.#finish(`status ${status}`)
    else if (body === null) this.#finish(undefined)
  }

  data (bytes: Buffer, start: number, end: number): void {
    if (this.#over) return
    this.#body += bytes.toString('latin1', start, Math.min(end, start + maxBody - this.#body.length))
    if (this.#body.includes(this.#wanted)) this.#finish(undefined)
    else if (this.#body.length >= maxBody) this.#finish('the body does not contain the text')
  }

  end (): void { this.#finish('the body does not contain the text') }

  drained (): void {}

  failed (failure: Failure): void { this.#finish('detail' in failure ? `${failure.kind}: ${failure.detail}` : failure.kind) }

  /** Bodies are compared as octets. */
  get #wanted (): string { return Buffer.from(this.#health.body ?? '').toString('latin1') }

  #finish (failure: string | undefined): void {
    if (this.#over) return
    this.#over = true
    this.#connection?.abort()
    this.#done(failure)
  }
}
