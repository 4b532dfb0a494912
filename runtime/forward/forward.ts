import type { Failure } from '../../schema/failure.ts'
import type { RetryCause } from '../../schema/resolved.ts'
import { outcomeOfFailure, outcomeOfStatus } from '../health/outcome.ts'
import type { LiveUpstream } from '../snapshot.ts'
import type { TargetConnection } from '../upstream/target-connection.ts'
import { Endpoint } from '../upstream/endpoint.ts'
import type { ResponseHead } from '../upstream/response-head.ts'
import { unarmed } from '../upstream/timeouts.ts'
import type { Timed } from '../upstream/timeouts.ts'
import type { Pass } from './breaker.ts'
import type { ForwardCall } from './forward-call.ts'
import { retryAfterOf } from './retry-after.ts'
import { causeOf, isUnseen, isWithinBudget, mayRepeat, pauseOf } from './retry-rules.ts'
import { Try } from './try.ts'
import type { TryOwner } from './try.ts'

const none: readonly Endpoint[] = Object.freeze([])
const alone: readonly Try[] = Object.freeze([])

/** Brings one request to an upstream: limits, breaker, choice of the endpoint, tries, their time. The lane's call hears of the try that counts. */
export class Forward implements TryOwner, Timed {
  readonly timer = unarmed()
  readonly #upstream: LiveUpstream
  readonly #call: ForwardCall
  #pass: Pass = 'normal'
  /** Counted in the load of the upstream. */
  #counted = false
  /** The try whose response is or will be the lane's; undefined in pauses. */
  #current: Try | undefined
  /** Others that run beside it. */
  #rivals: readonly Try[] = alone
  #tried: readonly Endpoint[] = none
  #retries = 0
  #hedges = 0
  /** A retry is waiting for its time, at this endpoint. */
  #pausing = false
  #next: Endpoint | undefined
  #answered = false
  /** The client is bound to an endpoint that had no room: it stays bound. */
  #overflowed = false
  #startedAt = 0
  /** By the monotonic clock; Infinity: never. */
  #deadline = Infinity
  #hedgeAt = Infinity
  #retryAt = Infinity

  constructor (upstream: LiveUpstream, call: ForwardCall) {
    this.#upstream = upstream
    this.#call = call
  }

  start (): void {
    const { options: { name, limits, hedge, timeouts }, load, breaker, clock } = this.#upstream
    const call = this.#call
    if (limits.requests !== null && load.active >= limits.requests) return call.failed({ kind: 'overloaded', upstream: name, retryAfter: 1 })
    if (breaker !== undefined) {
      const pass = breaker.admit()
      if (typeof pass === 'number') return call.failed({ kind: 'breaker-open', upstream: name, retryAfter: pass })
      this.#pass = pass
    }
    this.#count(1)
    this.#startedAt = clock.now()
    const endpoint = this.#choose()
    if (!(endpoint instanceof Endpoint)) return this.#giveUp(endpoint)
    const { totalTimeout } = call
    // A first try ends by its own timeouts; only where these add up to more is the total watched from the start.
    if (totalTimeout > 0 && 2 * timeouts.connect + call.responseTimeout > totalTimeout) this.#deadline = this.#startedAt + totalTimeout
    if (hedge !== null && call.replayable) this.#hedgeAt = this.#startedAt + hedge.after
    if (this.#deadline !== Infinity || this.#hedgeAt !== Infinity) this.#arm()
    if (this.#upstream.keepsBodies && !call.replayable && this.#mayNeedBody()) call.keepBody(this.#upstream.options.retries.buffer)
    this.#try(endpoint, false)
  }

  /** Lets go of the upstream: nothing is heard of it any more. */
  stop (): void {
    this.#upstream.timeouts.disarm(this)
    this.#stopTries()
    this.#finish(undefined)
  }

  ready (connection: TargetConnection): void {
    // How long a client takes to send its body is not the target's time.
    if (this.#deadline !== Infinity && !this.#call.replayable && this.#retries === 0) this.#disarmTotal()
    this.#call.ready(connection)
  }

  head (attempt: Try, head: ResponseHead, followed: boolean): boolean {
    const { status } = head
    const { endpoint } = attempt
    if (this.#answered) return false
    this.#upstream.observe(endpoint, outcomeOfStatus(status))
    if (status >= 400 && this.#retryStatus(attempt, head)) return false
    this.#settle(attempt, status)
    this.#call.head(head, followed)
    return true
  }

  switched (attempt: Try, head: ResponseHead): void {
    this.#upstream.observe(attempt.endpoint, 'success')
    this.#settle(attempt, head.status)
    this.#call.switched(head)
  }

  /** This is the try that counts. */
  #settle (attempt: Try, status: number): void {
    const upstream = this.#upstream
    const { endpoint } = attempt
    this.#answered = true
    if (upstream.options.balance.kind === 'latency') {
      const now = upstream.clock.now()
      endpoint.answered(now - attempt.startedAt, now)
    }
    upstream.timeouts.disarm(this)
    if (this.#hedges > 0) this.#win(attempt)
    upstream.breaker?.record(this.#pass, status < 500)
    this.#pass = 'normal'
    if (upstream.affinity !== undefined && !this.#overflowed) {
      const cookie = upstream.affinity.bind(this.#call.exchange, endpoint)
      if (cookie !== undefined) this.#call.exchange.responseEdits.append('set-cookie', cookie)
    }
  }

  ended (attempt: Try, trailers: readonly string[]): void {
    this.#release(attempt)
    if (attempt !== this.#current) return
    this.#current = undefined
    this.#finish(undefined)
    this.#call.end(trailers)
  }

  failed (attempt: Try, failure: Failure): void {
    this.#release(attempt)
    const outcome = outcomeOfFailure(failure)
    if (outcome !== undefined) this.#upstream.observe(attempt.endpoint, outcome)
    if (this.#rivals.includes(attempt)) {
      this.#rivals = this.#rivals.filter((rival) => rival !== attempt)
      return
    }
    if (attempt !== this.#current) return
    this.#current = undefined
    if (this.#answered) {
      this.#finish(undefined)
      return this.#call.failed(failure)
    }
    if (this.#rivals.length > 0) {
      this.#current = this.#rivals[0]
      this.#rivals = this.#rivals.slice(1)
      return
    }
    const cause = causeOf(failure)
    if (cause !== undefined && this.#mayRetry(cause) && this.#retry(attempt.endpoint, undefined)) return
    this.#giveUp(failure)
  }

  expired (): void {
    const now = this.#upstream.clock.now()
    if (now >= this.#deadline) return this.#timeOut()
    if (now >= this.#retryAt) this.#endPauseAndTry()
    else if (now >= this.#hedgeAt) this.#hedge(now)
    if (!this.#answered) this.#arm()
  }

  /** Targets of HTTP/2 may refuse a stream when they have seen some of its body. */
  #mayNeedBody (): boolean {
    const { protocol, retries } = this.#upstream.options
    return protocol === 'h2' || mayRepeat(this.#call.exchange, retries)
  }

  #choose (): Endpoint | Failure {
    const { affinity, balancer, options: { name } } = this.#upstream
    const { exchange } = this.#call
    const tried = this.#tried
    if (affinity !== undefined) {
      const bound = affinity.bound(exchange, balancer.endpoints)
      if (bound !== undefined) {
        if (bound.usable && bound.takes(affinity.onFailure === 'fail' ? none : tried)) return bound
        if (affinity.onFailure === 'fail') return { kind: 'no-target', upstream: name }
        this.#overflowed = bound.usable && bound.active >= bound.maxActive
      } else {
        const first = affinity.choose(exchange, balancer, tried)
        if (first !== undefined) return first
      }
    }
    const endpoint = balancer.pick(exchange, tried) ?? (tried.length === 0 ? undefined : balancer.pick(exchange, none))
    if (endpoint !== undefined) return endpoint
    const full = balancer.endpoints.some((known) => known.usable && known.active >= known.maxActive)
    return full ? { kind: 'overloaded', upstream: name, retryAfter: 1 } : { kind: 'no-target', upstream: name }
  }

  #try (endpoint: Endpoint, again: boolean): void {
    const attempt = new Try(this, this.#call, endpoint, this.#tried.length === 0 ? this.#startedAt : this.#upstream.clock.now(), again)
    this.#current = attempt
    endpoint.active++
    endpoint.pool.acquire(attempt)
  }

  /** Whether a response is to be followed by another try instead of going to the client. */
  #retryStatus (attempt: Try, head: ResponseHead): boolean {
    const { retries } = this.#upstream.options
    if (retries.max === 0 || this.#hedges > 0) return false
    const asked = head.status === 503 && retries.on.includes('retry-after') ? retryAfterOf(head, this.#upstream.clock.wall()) : undefined
    if (asked === undefined && !retries.statuses.includes(head.status)) return false
    if (!this.#mayRetry('retry-after') || !this.#retry(attempt.endpoint, asked)) return false
    return true
  }

  #mayRetry (cause: RetryCause): boolean {
    const { options: { retries }, load, breaker } = this.#upstream
    if (this.#retries >= retries.max || (!retries.on.includes(cause) && cause !== 'retry-after')) return false
    if (!isUnseen(cause) && !mayRepeat(this.#call.exchange, retries)) return false
    return (breaker === undefined || breaker.closed) && isWithinBudget(load, retries)
  }

  /** Plans the next try. `asked`: the endpoint itself must not be asked again before this many milliseconds. False: there is no time for it. */
  #retry (endpoint: Endpoint, asked: number | undefined): boolean {
    const { options: { retries }, clock, random, load } = this.#upstream
    const call = this.#call
    const now = clock.now()
    if (!this.#tried.includes(endpoint)) this.#tried = [...this.#tried, endpoint]
    const next = this.#choose()
    if (!(next instanceof Endpoint)) return false
    const pause = Math.max(pauseOf(this.#retries + 1, retries, random()), next === endpoint ? asked ?? 0 : 0)
    if (call.totalTimeout > 0 && this.#deadline === Infinity) this.#deadline = (call.replayable ? this.#startedAt : call.sentAt || now) + call.totalTimeout
    if (now + pause >= this.#deadline || !call.rewind()) return false
    this.#next = next
    this.#retries++
    load.retries++
    this.#current = undefined
    this.#pausing = true
    this.#retryAt = now + pause
    this.#hedgeAt = Infinity
    this.#arm()
    return true
  }

  #endPause (): void {
    this.#pausing = false
    this.#retryAt = Infinity
    this.#upstream.load.retries--
  }

  #endPauseAndTry (): void {
    this.#endPause()
    const next = this.#next!
    const endpoint = next.usable && next.takes(none) ? next : this.#choose()
    if (!(endpoint instanceof Endpoint)) return this.#giveUp(endpoint)
    this.#upstream.load.retries++
    this.#try(endpoint, true)
  }

  /** Asks one more endpoint for what the current one is slow to answer. */
  #hedge (now: number): void {
    const { options: { hedge, retries }, balancer, load } = this.#upstream
    const current = this.#current
    this.#hedgeAt = Infinity
    if (current === undefined || hedge === null || this.#hedges >= hedge.max || !isWithinBudget(load, retries)) return
    this.#tried = [...this.#tried, current.endpoint]
    const endpoint = balancer.pick(this.#call.exchange, this.#tried)
    if (endpoint === undefined) return
    this.#hedges++
    if (this.#hedges < hedge.max) this.#hedgeAt = now + hedge.after
    load.retries++
    this.#rivals = [...this.#rivals, current]
    this.#try(endpoint, true)
  }

  /** The first that answers is the one that counts; the others are given up. */
  #win (winner: Try): void {
    const others = [...this.#rivals, this.#current!].filter((attempt) => attempt !== winner)
    this.#rivals = alone
    this.#current = winner
    for (const attempt of others) this.#drop(attempt)
    this.#call.answeredBy(winner.connection!)
  }

  #timeOut (): void {
    const { options: { name } } = this.#upstream
    const attempt = this.#current
    const target = attempt?.endpoint ?? this.#tried[this.#tried.length - 1]
    if (attempt !== undefined) this.#upstream.observe(attempt.endpoint, 'timeout')
    this.#stopTries()
    this.#giveUp({ kind: 'response-timeout', upstream: name, target: target?.pool.authority ?? '' })
  }

  #stopTries (): void {
    if (this.#pausing) this.#endPause()
    for (const rival of this.#rivals) this.#drop(rival)
    this.#rivals = alone
    if (this.#current !== undefined) this.#drop(this.#current)
    this.#current = undefined
  }

  #drop (attempt: Try): void {
    attempt.cancel()
    this.#release(attempt)
  }

  #release (attempt: Try): void {
    if (!attempt.release()) return
    attempt.endpoint.active--
    if (attempt.again) this.#upstream.load.retries--
  }

  #giveUp (failure: Failure): void {
    this.#upstream.timeouts.disarm(this)
    this.#answered = true
    this.#finish(failure.kind === 'overloaded' || failure.kind === 'no-target' ? undefined : false)
    this.#call.failed(failure)
  }

  /** Counts the request out. `succeeded`: for the breaker, unless a head has told it. */
  #finish (succeeded: boolean | undefined): void {
    if (!this.#counted) return
    this.#count(-1)
    if (this.#pass === 'probe' || succeeded !== undefined) this.#upstream.breaker?.record(this.#pass, succeeded)
  }

  #count (by: 1 | -1): void {
    this.#counted = by === 1
    this.#upstream.load.active += by
  }

  #disarmTotal (): void {
    this.#deadline = Infinity
    this.#upstream.timeouts.disarm(this)
    if (this.#hedgeAt !== Infinity) this.#arm()
  }

  #arm (): void {
    const at = Math.min(this.#deadline, this.#hedgeAt, this.#retryAt)
    if (at !== Infinity) this.#upstream.timeouts.arm(this, Math.max(0, at - this.#upstream.clock.now()))
  }
}
