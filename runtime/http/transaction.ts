import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../../schema/exchange.ts'
import type { Failure } from '../../schema/failure.ts'
import { joinChains } from '../chain.ts'
import type { Chain, Verdict } from '../chain.ts'
import { replyTo } from '../problem.ts'
import type { Call } from '../upstream/call.ts'
import type { Connection } from '../upstream/connection.ts'
import type { Pool } from '../upstream/pool.ts'
import type { ResponseHead } from '../upstream/response-head.ts'
import { acceptRequest } from './accept.ts'
import type { Accepted } from './accept.ts'
import type { ClientConnection } from './client-connection.ts'
import type { ListenerContext, ListenerView } from './context.ts'
import { HttpExchange } from './exchange.ts'
import { fieldValue } from './fields.ts'
import { RequestBody } from './request-body.ts'
import { isRequestId } from './request-ids.ts'
import { responseFields } from './response-fields.ts'
import { ResponseWriter } from './response-writer.ts'
import { upstreamPath } from './rewrite.ts'
import { writeUpstreamHead } from './upstream-head.ts'

const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** One request of the full lane from its head to the end of its response. All its steps are here, in order. */
export class Transaction implements Call {
  readonly #client: ClientConnection
  readonly #context: ListenerContext
  readonly #req: IncomingMessage
  readonly #target: string
  readonly #view: ListenerView | undefined
  readonly #writer: ResponseWriter
  #exchange: HttpExchange | undefined
  #chain: Chain | undefined
  #requestId = ''
  /** A policy is being waited for: the end waits too. */
  #deciding = false
  /** The gateway answers itself: what the upstream or a policy still says is too late. */
  #answered = false
  #done = false
  #reason = 'ok'
  #close = false
  #body: RequestBody | undefined
  #head = ''
  #pool: Pool | undefined
  #connection: Connection | undefined
  /** What came of the response while its policies were deciding. */
  #held: { parts: Buffer[], trailers: readonly string[] | undefined, failure: Failure | undefined } | undefined
  bodyless = false
  replayable = false
  responseTimeout = 0

  constructor (client: ClientConnection, req: IncomingMessage, res: ServerResponse, target: string, context: ListenerContext) {
    this.#client = client
    this.#context = context
    this.#req = req
    this.#target = target
    this.#view = context.view()
    this.#writer = new ResponseWriter(req, res, context.timeouts, this.#view?.live.options.timeouts.idle ?? 0, {
      drained: () => this.#connection?.resume(),
      stalled: () => this.#cut('client-gone'),
    })
    res.on('finish', () => this.#end())
  }

  /** The response is not complete on our side. */
  get unanswered (): boolean { return !this.#done && !this.#writer.ended }

  /** Accept, match, ask the policies. */
  begin (): void {
    const view = this.#view
    if (view === undefined) return this.#refuse({ kind: 'no-route' })
    const method = this.#req.method!
    const accepted = acceptRequest({ method, target: this.#target, version: this.#req.httpVersion, raw: this.#req.rawHeaders }, view.live.options.limits)
    if ('kind' in accepted) return this.#refuse(accepted)
    const failure = this.#match(view, method, accepted)
    const exchange = this.#exchange!
    this.#close = accepted.head.close
    this.#chain = exchange.liveRoute === undefined ? view.live.chain : joinChains(view.live.chain, exchange.liveRoute.chain)
    view.snapshot.retain()
    const verdict = this.#chain.request(exchange)
    if (!(verdict instanceof Promise)) return this.#decided(verdict ?? failure)
    this.#deciding = true
    void verdict.then((late) => {
      this.#deciding = false
      if (this.#done) this.#finish()
      else if (!this.#answered) this.#decided(late ?? failure)
    })
  }

  /** The client has gone, or will be cut off. */
  abandon (): void {
    if (this.#done) return
    this.#reason = 'client-gone'
    this.#stop()
    this.#end()
  }

  /** The client has sent nothing of its body for too long. */
  bodyTimeout (): void {
    if (this.#writer.begun) return this.#cut('request-timeout')
    this.#stop()
    this.#close = true
    this.#answer({ kind: 'request-timeout', detail: 'the body stopped coming' })
  }

  /** The rest of the request is no HTTP. */
  breakOff (failure: Failure): void {
    if (this.#writer.begun) return this.#cut(failure.kind)
    this.#stop()
    this.#close = true
    this.#answer(failure)
  }

  #match (view: ListenerView, method: string, { head, host, path, search }: Accepted): Failure | undefined {
    const trusted = this.#client.isTrusted(view.proxies)
    const claimed = trusted ? fieldValue(head.fields, 'x-request-id') : undefined
    this.#requestId = claimed !== undefined && isRequestId(claimed) ? claimed : this.#context.nextRequestId()
    const exchange = new HttpExchange({
      snapshot: view.snapshot, listener: this.#context.name, method, host, path, search, head, peer: this.#client.peer,
      proxies: view.proxies, requestId: this.#requestId, bug: this.#context.bug,
    })
    this.#exchange = exchange
    const { matcher } = view.snapshot
    const found = matcher.matchString(view.index, host, method, path, exchange)
    if (found >= 0) exchange.matched(view.snapshot.route(found), matcher.segments)
    else if (found === -1) return { kind: 'no-route' }
    else return { kind: 'method-not-allowed', allow: matcher.allowedMethods(view.index, host, path, exchange) }
    return undefined
  }

  #decided (verdict: Verdict): void {
    if (verdict !== undefined) return this.#answer(verdict)
    const exchange = this.#exchange!
    const { options, upstream } = exchange.liveRoute!
    const path = upstreamPath(exchange, options.rewrite)
    if (path === undefined) return this.#answer({ kind: 'bad-request', detail: 'the path leads outside of its route' })
    const pool = upstream.pick()
    if (pool === undefined) return this.#answer({ kind: 'no-target', upstream: upstream.options.name })
    this.#forward(exchange, pool, exchange.search === '' ? path : `${path}?${exchange.search}`)
  }

  #forward (exchange: HttpExchange, pool: Pool, target: string): void {
    const { liveRoute, requestHead, method } = exchange
    const { contentLength, chunked, expectsContinue } = requestHead
    const { options, upstream } = liveRoute!
    const view = this.#view!
    this.#head = writeUpstreamHead({
      method,
      target,
      host: upstream.options.hostHeader === 'client' && requestHead.host !== undefined ? requestHead.host : pool.authority,
      fields: requestHead.fields,
      edits: exchange.editsOfRequest,
      trusted: this.#client.isTrusted(view.proxies),
      peer: this.#client.peer,
      scheme: 'http',
      clientHost: requestHead.host,
      requestId: this.#requestId,
      via: view.snapshot.name,
      version: this.#req.httpVersion,
      contentLength,
      chunked,
      expectsContinue,
      trailers: requestHead.trailers,
    })
    const hasBody = chunked || contentLength > 0
    this.bodyless = method === 'HEAD'
    this.replayable = !hasBody && idempotent.has(method)
    this.responseTimeout = options.timeout ?? upstream.options.timeouts.response
    if (hasBody) {
      this.#body = new RequestBody(this.#req, chunked, view.live.options.limits.bodyBytes ?? Infinity, {
        awaiting: () => this.#client.awaitBody(view.live.options.timeouts.body),
        satisfied: () => this.#client.bodyArrived(),
        tooLarge: () => this.#tooLarge(view.live.options.limits.bodyBytes!),
      })
    }
    this.#pool = pool
    pool.acquire(this)
  }

  ready (connection: Connection): void {
    this.#connection = connection
    if (this.#body !== undefined) return this.#body.start(connection, this.#head, this.#exchange!.requestHead.expectsContinue)
    connection.write(this.#head)
    connection.requestEnded()
  }

  drained (): void { this.#body?.resume() }

  informational (head: ResponseHead): void {
    if (head.status !== 100 || this.#exchange!.requestHead.expectsContinue) this.#writer.informational(head)
  }

  head (head: ResponseHead, followed: boolean): void {
    const exchange = this.#exchange!
    exchange.status = head.status
    exchange.responseFields = responseFields(head, exchange.snapshot.name, exchange.requestHead.trailers && head.chunked)
    const reason = head.reason()
    const decision = this.#chain!.response(exchange)
    if (!(decision instanceof Promise)) return this.#sendHead(decision, reason, followed)
    this.#deciding = true
    this.#held = { parts: [], trailers: undefined, failure: undefined }
    this.#connection?.pause()
    void decision.then((late) => {
      this.#deciding = false
      if (this.#done) this.#finish()
      else this.#letGo(late, reason)
    })
  }

  data (bytes: Buffer, start: number, end: number, last: boolean): void {
    if (this.#held !== undefined) this.#held.parts.push(Buffer.from(bytes.subarray(start, end)))
    else if (!this.#writer.write(bytes, start, end, last && !this.#mustLinger(), this.#connection)) this.#connection?.pause()
  }

  end (trailers: readonly string[]): void {
    this.#connection = undefined
    if (this.#held !== undefined) this.#held.trailers = trailers
    else this.#endResponse(trailers)
  }

  failed (failure: Failure): void {
    this.#connection = undefined
    this.#pool = undefined
    if (this.#held !== undefined) this.#held.failure = failure
    else if (this.#writer.begun) this.#cut(failure.kind)
    else this.#answer(failure)
  }

  #sendHead (failure: Failure | undefined, reason: string, followed: boolean): void {
    if (failure !== undefined) {
      this.#stop()
      return this.#send(failure)
    }
    const exchange = this.#exchange!
    this.#writer.head(exchange.status, reason, exchange.editedResponse(), this.#closes(this.#mustLinger()))
    if (!followed) this.#writer.flush()
  }

  /** The policies have decided on a response that was held back meanwhile. */
  #letGo (failure: Failure | undefined, reason: string): void {
    const held = this.#held!
    this.#held = undefined
    const problem = failure ?? (held.failure !== undefined && held.parts.length === 0 ? held.failure : undefined)
    this.#sendHead(problem, reason, held.parts.length > 0 || held.trailers !== undefined)
    if (problem !== undefined) return
    for (const part of held.parts) this.#writer.write(part, 0, part.length, false, undefined)
    if (held.failure !== undefined) this.#cut(held.failure.kind)
    else if (held.trailers !== undefined) this.#endResponse(held.trailers)
    else this.#connection?.resume()
  }

  #endResponse (trailers: readonly string[]): void {
    this.#body?.stop()
    const finish = () => this.#writer.end(this.#exchange!.requestHead.trailers ? trailers : [])
    if (this.#mustLinger()) this.#client.linger(this.#req, finish)
    else finish()
  }

  /** The response is complete long before the request: the connection must close, but not before the client could read the response. */
  #mustLinger (): boolean {
    if (this.#req.complete || this.#body === undefined) return false
    const { contentLength, expectsContinue } = this.#exchange!.requestHead
    return expectsContinue || !this.#client.canDrain(contentLength)
  }

  /** Whether the connection closes with this response; tells it so. */
  #closes (must: boolean): boolean {
    const close = must || this.#close || this.#context.closing
    if (close) this.#client.closeAfterThis()
    return close
  }

  #tooLarge (limit: number): void {
    if (this.#writer.begun) return this.#cut('body-too-large')
    this.#stop()
    this.#close = true
    this.#answer({ kind: 'body-too-large', limit })
  }

  /** Answers in the upstream's place; the policies see it as they see a response. */
  #answer (cause: Answer | Failure): void {
    this.#answered = true
    const exchange = this.#exchange!
    const reply = replyTo(cause, exchange.snapshot.name, this.#requestId)
    exchange.status = reply.status
    exchange.failure = 'kind' in cause ? cause : undefined
    exchange.responseFields = reply.fields
    const decision = this.#chain!.response(exchange)
    if (!(decision instanceof Promise)) return this.#sendOwn(decision, cause)
    this.#deciding = true
    void decision.then((late) => {
      this.#deciding = false
      if (this.#done) this.#finish()
      else this.#sendOwn(late, cause)
    })
  }

  #sendOwn (failure: Failure | undefined, cause: Answer | Failure): void {
    if (failure !== undefined) return this.#send(failure)
    const exchange = this.#exchange!
    const reply = replyTo(cause, exchange.snapshot.name, this.#requestId)
    this.#reason = reply.reason
    this.#reply(reply, exchange.editedResponse())
  }

  /** Sends a failure past the policies, when they are what failed. */
  #send (failure: Failure): void {
    const exchange = this.#exchange!
    const reply = replyTo(failure, exchange.snapshot.name, this.#requestId)
    exchange.status = reply.status
    exchange.failure = failure
    exchange.responseFields = reply.fields
    this.#reason = reply.reason
    this.#reply(reply, reply.fields)
  }

  #reply (reply: { readonly status: number, readonly body: string }, fields: readonly string[]): void {
    this.#body?.stop()
    const { contentLength, chunked, expectsContinue } = this.#exchange!.requestHead
    const unread = !this.#req.complete && (chunked || contentLength > 0)
    const linger = unread && (this.#close || expectsContinue || !this.#client.canDrain(contentLength))
    this.#writer.reply(reply, fields, this.#closes(linger), linger)
    if (linger) this.#client.linger(this.#req, () => this.#writer.end([]))
  }

  /** Refuses what is no request that could be routed, and closes: what follows on the connection cannot be trusted. */
  #refuse (failure: Failure): void {
    this.#requestId = this.#context.nextRequestId()
    const reply = replyTo(failure, this.#view?.snapshot.name ?? 'gateway', this.#requestId)
    this.#reason = reply.reason
    this.#writer.reply(reply, reply.fields, this.#closes(true), true)
    this.#client.linger(this.#req, () => this.#writer.end([]))
  }

  #cut (reason: string): void {
    this.#reason = reason
    this.#stop()
    this.#writer.cut()
    this.#end()
  }

  /** Lets go of the upstream. */
  #stop (): void {
    this.#body?.stop()
    this.#pool?.cancel(this)
    this.#connection?.abort()
    this.#pool = this.#connection = undefined
    if (this.#exchange !== undefined && this.#reason === 'client-gone') this.#exchange.gone = true
  }

  #end (): void {
    if (this.#done) return
    this.#done = true
    this.#writer.release()
    if (!this.#deciding) this.#finish()
    this.#client.done(this, this.#req)
  }

  /** The last step, once: policies, log, snapshot. */
  #finish (): void {
    const exchange = this.#exchange
    if (exchange !== undefined) this.#chain!.finish(exchange)
    this.#context.ended(exchange, this.#reason)
    exchange?.snapshot.release()
  }
}
