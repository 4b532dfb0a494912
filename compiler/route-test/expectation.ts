/** The request of a route test. */
export interface RequestOptions {
  /** Fields of the head by name. */
  readonly headers?: Readonly<Record<string, string>>
  /** Text, or a value that is sent as JSON. */
  readonly body?: unknown
  /** Listener that takes it. Default: the one with the port of the URL, or the only one. */
  readonly listener?: string
}

/** What a route test expects; what is not expected is not looked at. */
export interface Expected {
  readonly route?: string | null
  readonly upstream?: string
  readonly policies?: readonly string[]
  readonly status?: number
  readonly reason?: string
  readonly forwarded?: string
  readonly headers?: Readonly<Record<string, string | RegExp>>
}

/** Runs an expectation; rejects with what is not as expected. */
export type RunExpectation = (expectation: RouteExpectation) => Promise<void>

/** One request and what should become of it. `gwc test` runs it; in another test runner `await` does. */
export class RouteExpectation implements PromiseLike<void> {
  /** `GET https://api.example.com/x`. */
  readonly line: string
  readonly options: RequestOptions
  /** `file:line` of the call, as the stack has it. */
  readonly at: string
  readonly #run: RunExpectation
  #expected: Expected = {}

  constructor (line: string, options: RequestOptions, at: string, run: RunExpectation) {
    this.line = line
    this.options = options
    this.at = at
    this.#run = run
  }

  get expected (): Expected { return this.#expected }

  /** The route of this name takes it. */
  toReach (route: string): this { return this.#expect({ route }) }

  /** No route takes it. */
  toReachNothing (): this { return this.#expect({ route: null }) }

  /** It is sent to this upstream. */
  onUpstream (upstream: string): this { return this.#expect({ upstream }) }

  /** Among the policies on its way are these, by name, and they run in this order; those in shadow mode do not count. */
  withPolicies (...policies: readonly string[]): this { return this.#expect({ policies }) }

  /** The client gets this status; `reason` as in the access log: `api-key-missing`. */
  toAnswer (status: number, reason?: string): this { return this.#expect({ status, ...(reason === undefined ? {} : { reason }) }) }

  /** The upstream is asked for this: `GET /v2/users/1`. */
  toForward (request: string): this { return this.#expect({ forwarded: request }) }

  /** The answer has this field. */
  withHeader (name: string, value: string | RegExp): this { return this.#expect({ headers: { ...this.#expected.headers, [name.toLowerCase()]: value } }) }

  then<Done = void, Failed = never> (done?: ((value: void) => Done | PromiseLike<Done>) | null, failed?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null): Promise<Done | Failed> {
    return this.#run(this).then(done, failed)
  }

  #expect (more: Expected): this {
    this.#expected = { ...this.#expected, ...more }
    return this
  }
}
