import type { Exchange, HeadEdits } from '../schema/exchange.ts'
import type { Clock, PolicyHandler, PolicyHost } from '../schema/policy.ts'
import type { AnyPolicy } from '../schema/policy.ts'

/** Edits as a list that a test can look at. */
export class Edits implements HeadEdits {
  readonly list: (readonly [verb: 'set' | 'append' | 'remove', name: string, value?: string])[] = []
  get length (): number { return this.list.length }
  set (name: string, value: string): void { this.list.push(['set', name, value]) }
  append (name: string, value: string): void { this.list.push(['append', name, value]) }
  remove (name: string): void { this.list.push(['remove', name]) }
  truncate (length: number): void { this.list.length = length }
}

export interface FakeRequest {
  readonly method?: string
  readonly host?: string
  readonly path?: string
  readonly search?: string
  readonly clientAddress?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: Readonly<Record<string, string>>
  readonly params?: Readonly<Record<string, string>>
}

/** An exchange in memory, for tests of one policy. */
export function fakeExchange (request: FakeRequest = {}): Exchange & { readonly requestEdits: Edits, readonly responseEdits: Edits } {
  const { headers = {}, cookies = {}, params = {}, search = '' } = request
  return {
    listener: 'public',
    scheme: 'http',
    method: request.method ?? 'GET',
    host: request.host ?? 'api.example.com',
    path: request.path ?? '/',
    search,
    clientAddress: request.clientAddress ?? '192.0.2.1',
    route: 'test',
    header: (name) => headers[name],
    query: (name) => new URLSearchParams(search).get(name) ?? undefined,
    cookie: (name) => cookies[name],
    param: (name) => params[name],
    requestEdits: new Edits(),
    status: 0,
    responseHeader: () => undefined,
    responseEdits: new Edits(),
    failure: undefined
  }
}

/** A host in memory: a clock that the test moves, secrets it gives, counters it reads. */
export class FakeHost implements PolicyHost {
  readonly id = 'route:test/policy'
  readonly counters: Record<string, number> = {}
  readonly secrets: Record<string, string> = {}
  now = 0
  readonly clock: Clock = { now: () => this.now, wall: () => this.now }
  readonly #ledger: ReturnType<NonNullable<AnyPolicy['ledger']>> | undefined

  constructor (policy: AnyPolicy) { this.#ledger = policy.ledger?.() }

  random (): number { return 0.5 }
  secret ({ $secret }: { readonly $secret: string }): string {
    const value = this.secrets[$secret]
    if (value === undefined) throw new Error(`secret ${$secret} is missing`)
    return value
  }

  state<T> (create: () => T): T { return create() }
  ledger (query: unknown): unknown { return this.#ledger!.decide(query, this.now) }
  count (name: string, by = 1): void { this.counters[name] = (this.counters[name] ?? 0) + by }
}

/** A policy's handler on a host in memory. */
export function liveOn<Options extends object> (host: FakeHost, definition: { create (options: Options, host: PolicyHost): PolicyHandler }, options: Options): PolicyHandler {
  return definition.create(options, host)
}
