import type { Answer } from '../../schema/exchange.ts'
import type { Failure } from '../../schema/failure.ts'
import { joinChains } from '../chain.ts'
import type { Chain, Verdict } from '../chain.ts'
import { grpcReply, grpcTimeout, isGrpc } from '../grpc.ts'
import { replyTo } from '../problem.ts'
import type { TunnelResult } from '../tunnel/tunnel.ts'
import type { Accepted } from './accept.ts'
import type { Client } from './client.ts'
import type { ClientRequest } from './client-request.ts'
import type { ListenerContext, ListenerView } from './context.ts'
import { HttpExchange } from './exchange.ts'
import { Forwarding } from './forwarding.ts'
import type { ForwardingOwner } from './forwarding.ts'
import { lastHop } from './max-forwards.ts'
import { isRequestId } from './request-ids.ts'
import type { ResponseWriter, WriterEvents } from './response-writer.ts'
import { redirectOf } from './redirect.ts'
import { upstreamPath } from './rewrite.ts'
import { writeUpstreamHead } from './upstream-head.ts'

/** One request, step by step: accept, match, policies, forward or answer, finish. */
export class Transaction implements ForwardingOwner, WriterEvents {
  readonly #client: Client
  readonly #context: ListenerContext
  readonly #request: ClientRequest
  readonly #view: ListenerView | undefined
  readonly #writer: ResponseWriter
  #exchange: HttpExchange | undefined
  #chain: Chain | undefined
  #forwarding: Forwarding | undefined
  #requestId = ''
  #reason = 'ok'
  #close = false
  /** A policy is being waited for: the last step waits too. */
  #deciding = false
  /** The gateway answers itself: what the upstream or a policy still says is too late. */
  #answered = false
  #done = false

  constructor (client: Client, request: ClientRequest, context: ListenerContext) {
    this.#client = client
    this.#context = context
    this.#request = request
    this.#view = context.view()
    this.#writer = request.respond(context.timeouts, this.#view?.live.options.timeouts.idle ?? 0, this)
  }

  /** The response is not complete on our side. */
  get unanswered (): boolean { return !this.#done && !this.#writer.ended }

  begin (): void {
    const view = this.#view
    if (view === undefined) return this.#refuse({ kind: 'no-route' })
    const accepted = this.#request.accept(view.live.options.limits, this.#client.secured === undefined ? 'http' : 'https')
    if ('kind' in accepted) return this.#refuse(accepted)
    const verdict = this.#match(view, this.#request.method, accepted)
    const exchange = this.#exchange!
    this.#close = accepted.head.close
    this.#chain = exchange.liveRoute === undefined ? view.live.chain : joinChains(view.live.chain, exchange.liveRoute.chain)
    view.snapshot.retain()
    const decision = this.#chain.request(exchange)
    if (!(decision instanceof Promise)) return this.#decided(decision ?? verdict)
    this.deciding(true)
    void decision.then((late) => { if (this.deciding(false) && !this.#answered) this.#decided(late ?? verdict) })
  }

  /** The client has gone. */
  abandon (): void {
    if (this.#done) return
    this.#reason = 'client-gone'
    this.#stop()
    this.#end()
  }

  /** The request cannot be completed: its body has stopped coming, or is no HTTP. */
  breakOff (failure: Failure): void {
    if (this.#writer.begun) return this.cut(failure.kind)
    this.#stop()
    this.#close = true
    this.answer(failure)
  }

  /** The client takes more of the response. */
  drained (): void { this.#forwarding?.resume() }

  /** The client takes nothing of the response. */
  stalled (): void { this.cut('client-gone') }

  /** Answers in the upstream's place; the policies see it as they see a response. */
  answer (cause: Answer | Failure): void {
    this.#answered = true
    this.#describe(cause)
    const decision = this.#chain!.response(this.#exchange!)
    if (!(decision instanceof Promise)) return this.#answerDecided(decision, cause)
    this.deciding(true)
    void decision.then((late) => { if (this.deciding(false)) this.#answerDecided(late, cause) })
  }

  answerPlainly (failure: Failure): void {
    this.#answered = true
    this.#reply(this.#describe(failure).body, this.#exchange!.responseFields)
  }

  cut (reason: string): void {
    this.#reason = reason
    this.#stop()
    this.#writer.cut()
    this.#end()
  }

  tunnelEnded (result: TunnelResult): void {
    if (result !== 'ok') this.#reason = `tunnel-${result}`
    this.#end()
  }

  deciding (pending: boolean): boolean {
    this.#deciding = pending
    if (!pending && this.#done) this.#finish()
    return !this.#done
  }

  closes (must: boolean): boolean {
    // A client that was never told to continue may send its body or not: what comes next could be either.
    const unsure = this.#exchange?.requestHead.expectsContinue === true && !this.#writer.continued
    const close = must || unsure || this.#close || this.#context.closing
    if (close) this.#client.closeAfterThis()
    return close
  }

  #match (view: ListenerView, method: string, { head, host, path, search }: Accepted): Verdict {
    const { snapshot, proxies, index } = view
    const claimed = this.#client.isTrusted(proxies) ? head.header('x-request-id') : undefined
    this.#requestId = claimed !== undefined && isRequestId(claimed) ? claimed : this.#context.nextRequestId()
    const exchange = new HttpExchange({
      snapshot, listener: this.#context.name, scheme: this.#client.secured === undefined ? 'http' : 'https', method, host, path, search, head, peer: this.#client.peer, proxies, bug: this.#context.bug,
    })
    this.#exchange = exchange
    if (this.#client.secured?.covers(host) === false) return { kind: 'misdirected' }
    if (view.live.options.redirect !== null) return redirectOf(exchange, view.live.options.redirect)
    const { matcher } = snapshot
    const found = matcher.matchString(index, host, method, path, exchange)
    if (found === -1) return { kind: 'no-route' }
    if (found < 0) return { kind: 'method-not-allowed', allow: matcher.allowedMethods(index, host, path, exchange) }
    exchange.matched(snapshot.route(found), matcher.segments)
    return undefined
  }

  #decided (verdict: Verdict): void {
    if (verdict !== undefined) return this.answer(verdict)
    const exchange = this.#exchange!
    const last = lastHop(exchange)
    if (last !== undefined) return this.answer(last)
    const { options, upstream } = exchange.liveRoute!
    const path = upstreamPath(exchange, options.rewrite)
    if (path === undefined) return this.answer({ kind: 'bad-request', detail: 'the path leads outside of its route' })
    const { limits, timeouts } = this.#view!.live.options
    const { hostHeader, upgrades, protocol } = upstream.options
    const upgrade = protocol === 'http/1.1' && exchange.requestHead.upgrade !== undefined && upgrades.includes(exchange.requestHead.upgrade)
    this.#forwarding = new Forwarding({
      owner: this, client: this.#client, body: this.#request.body, writer: this.#writer, exchange, chain: this.#chain!, upstream,
      upgrade,
      head: (authority) => this.#upstreamHead(exchange, path, upgrade, hostHeader === 'target' ? authority : exchange.requestHead.host ?? authority),
      timeout: isGrpc(exchange.header('content-type')) ? deadlineOf(exchange, options.timeout) : options.timeout,
      bodyLimit: limits.bodyBytes,
      bodyTimeout: timeouts.body,
    })
    this.#forwarding.start()
  }

  #upstreamHead (exchange: HttpExchange, path: string, upgrade: boolean, host: string): string {
    return writeUpstreamHead({
      method: exchange.method,
      target: exchange.search === '' ? path : `${path}?${exchange.search}`,
      host,
      head: exchange.requestHead,
      edits: exchange.editsOfRequest,
      trusted: this.#client.isTrusted(this.#view!.proxies),
      peer: this.#client.peer,
      scheme: exchange.scheme,
      requestId: this.#requestId,
      upgrade,
      clientCertificate: this.#client.secured?.clientCertificate,
      via: `${this.#request.version} ${exchange.snapshot.name}`,
    })
  }

  /** Makes a cause the response of the exchange. */
  #describe (cause: Answer | Failure): { readonly body: string } {
    const exchange = this.#exchange!
    const plain = replyTo(cause, exchange.snapshot.name, this.#requestId)
    const reply = isGrpc(exchange.header('content-type')) ? grpcReply(plain) : plain
    exchange.status = reply.status
    exchange.failure = 'kind' in cause ? cause : undefined
    exchange.responseFields = reply.fields
    this.#reason = reply.reason
    return reply
  }

  #answerDecided (failure: Failure | undefined, cause: Answer | Failure): void {
    if (failure !== undefined) return this.answerPlainly(failure)
    this.#reply(this.#describe(cause).body, this.#exchange!.editedResponse())
  }

  #reply (body: string, fields: readonly string[]): void {
    const exchange = this.#exchange!
    const { contentLength, chunked, expectsContinue } = exchange.requestHead
    const unread = !this.#request.body.complete && (chunked || contentLength > 0)
    const linger = unread && (this.#close || expectsContinue || !this.#client.canDrain(contentLength))
    this.#writer.reply(exchange.status, body, fields, this.closes(linger), linger)
    if (linger) this.#client.linger(this.#request.body, () => this.#writer.end([]))
  }

  /** Refuses what is no request that could be routed, and closes: what follows on the connection cannot be trusted. */
  #refuse (failure: Failure): void {
    const reply = replyTo(failure, this.#view?.snapshot.name ?? 'gateway', this.#context.nextRequestId())
    this.#reason = reply.reason
    this.#writer.reply(reply.status, reply.body, reply.fields, this.closes(true), true)
    this.#client.linger(this.#request.body, () => this.#writer.end([]))
  }

  #stop (): void {
    this.#forwarding?.stop()
    if (this.#exchange !== undefined && this.#reason === 'client-gone') this.#exchange.gone = true
  }

  /** The response has left whole. */
  finished (): void { this.#end() }

  #end (): void {
    if (this.#done) return
    this.#done = true
    this.#writer.release()
    if (!this.#deciding) this.#finish()
    this.#client.done(this, this.#request.body)
  }

  /** The last step, once: policies, log, snapshot. */
  #finish (): void {
    const exchange = this.#exchange
    if (exchange !== undefined) this.#chain!.finish(exchange)
    this.#context.ended(exchange, this.#reason)
    exchange?.snapshot.release()
  }
}

/** The time of a call of gRPC: what its client gives it, within that of the route. */
function deadlineOf (exchange: HttpExchange, timeout: number | null): number | null {
  const given = grpcTimeout(exchange.header('grpc-timeout'))
  if (given === undefined) return timeout
  return timeout === null ? given : Math.min(timeout, given)
}
