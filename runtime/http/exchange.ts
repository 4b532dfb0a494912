import type { HeadEdits } from '../../schema/exchange.ts'
import type { Failure } from '../../schema/failure.ts'
import type { ChainExchange } from '../chain.ts'
import type { LiveRoute, Snapshot } from '../snapshot.ts'
import { EditList } from './edits.ts'
import { cookieValue, fieldValue, queryValue } from './fields.ts'
import type { RequestHead } from './request-head.ts'
import { fieldsOfText } from './response-fields.ts'
import type { ResponseText } from './response-fields.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

const none: readonly string[] = Object.freeze([])

/** What an exchange begins with. */
export interface ExchangeStart {
  readonly snapshot: Snapshot
  readonly listener: string
  readonly scheme: 'http' | 'https'
  readonly method: string
  readonly host: string
  readonly path: string
  readonly search: string
  readonly head: RequestHead
  readonly peer: string
  readonly proxies: TrustedProxies
  readonly bug: (error: unknown, where: string) => void
}

/** The exchange of the full lane. What policies ask is read from the raw head when they ask. */
export class HttpExchange implements ChainExchange {
  readonly snapshot: Snapshot
  readonly listener: string
  readonly scheme: 'http' | 'https'
  readonly method: string
  readonly host: string
  readonly path: string
  readonly search: string
  readonly requestHead: RequestHead
  readonly peer: string
  reached = 0
  gone = false
  status = 0
  failure: Failure | undefined
  liveRoute: LiveRoute | undefined
  #responseFields: readonly string[] | undefined = none
  #responseText: ResponseText | undefined
  readonly #proxies: TrustedProxies
  readonly #bug: (error: unknown, where: string) => void
  /** Start and end of each path parameter of the route. */
  #params: readonly number[] = []
  #requestEdits: EditList | undefined
  #responseEdits: EditList | undefined
  #clientAddress: string | undefined

  constructor (start: ExchangeStart) {
    this.snapshot = start.snapshot
    this.listener = start.listener
    this.scheme = start.scheme
    this.method = start.method
    this.host = start.host
    this.path = start.path
    this.search = start.search
    this.requestHead = start.head
    this.peer = start.peer
    this.#proxies = start.proxies
    this.#bug = start.bug
  }

  /** Takes the matched route; `segments` are the matcher's, valid now only. */
  matched (route: LiveRoute, segments: Int32Array): void {
    this.liveRoute = route
    const { params } = route.options
    if (params.length === 0) return
    this.#params = params.flatMap(({ segment, rest, prefix, suffix }) => [
      segments[2 * segment]! + prefix,
      rest ? this.path.length : segments[2 * segment + 1]! - suffix,
    ])
  }

  get route (): string | undefined { return this.liveRoute?.options.id }

  get clientAddress (): string {
    return this.#clientAddress ??= this.#proxies.client(this.peer, this.header('x-forwarded-for'))
  }

  header (name: string): string | undefined { return this.requestHead.header(name) }

  query (name: string): string | undefined { return this.search === '' ? undefined : queryValue(this.search, name) }

  cookie (name: string): string | undefined {
    const cookies = this.header('cookie')
    return cookies === undefined ? undefined : cookieValue(cookies, name)
  }

  param (name: string): string | undefined {
    const index = this.liveRoute?.options.params.findIndex((param) => param.name === name) ?? -1
    return index < 0 ? undefined : this.paramAt(index)
  }

  /** By index into the route's `params`. */
  paramAt (index: number): string { return this.path.slice(this.#params[2 * index], this.#params[2 * index + 1]) }

  /** Fields of the response before edits, names and values in turn. */
  get responseFields (): readonly string[] { return this.#responseFields ??= fieldsOfText(this.#responseText!) }
  set responseFields (fields: readonly string[]) {
    this.#responseFields = fields
    this.#responseText = undefined
  }

  /** Takes the response's head as it goes out; its fields are read when somebody asks. */
  takeResponseText (text: ResponseText): void {
    this.#responseText = text
    this.#responseFields = undefined
  }

  get responseEdited (): boolean { return this.#responseEdits !== undefined && this.#responseEdits.length > 0 }

  responseHeader (name: string): string | undefined { return fieldValue(this.responseFields, name) }

  get requestEdits (): HeadEdits { return this.#requestEdits ??= new EditList() }
  get responseEdits (): HeadEdits { return this.#responseEdits ??= new EditList() }

  /** The edits made, or undefined when nobody has looked. */
  get editsOfRequest (): EditList | undefined { return this.#requestEdits }

  /** The response's fields after all edits. */
  editedResponse (): readonly string[] { return this.#responseEdits?.apply(this.responseFields) ?? this.responseFields }

  bug (error: unknown, policy: string): void { this.#bug(error, policy) }
}
