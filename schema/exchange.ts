import type { Failure } from './failure.ts'

/** What route conditions look at. The automaton's matcher asks only for what some route needs. */
export interface Fields {
  /** Value of a header by lower-case name; several fields joined by `, ` (RFC 9110 §5.3). */
  header (name: string): string | undefined
  /** First value of a query parameter, percent-decoded. */
  query (name: string): string | undefined
  /** First value of a cookie. */
  cookie (name: string): string | undefined
}

/** A list of changes to a head, applied when it is written. `value: undefined` removes the field. Names in lower case. */
export interface HeadEdits {
  set (name: string, value: string): void
  append (name: string, value: string): void
  remove (name: string): void
  /** Number of edits so far; with `truncate` a shadow policy's edits are taken back. */
  readonly length: number
  truncate (length: number): void
}

/** One request with its response while it passes through the runtime. Each lane implements it; policies, match, balance and log know only this. */
export interface Exchange extends Fields {
  readonly listener: string
  readonly scheme: 'http' | 'https'
  readonly method: string
  /** Lower case, without port. Empty when an HTTP/1.0 client sent none. */
  readonly host: string
  /** Normalised once: the one string for router, policies and upstream. Without the query. */
  readonly path: string
  /** Raw query without `?`; empty when there is none. */
  readonly search: string
  /** The client, behind trusted proxies. */
  readonly clientAddress: string
  /** Id of the matched route, or undefined when none matched. */
  readonly route: string | undefined
  /** Path parameter as it stood in the normalised path (not percent-decoded). */
  param (name: string): string | undefined
  /** Changes to the request head that the upstream will see. */
  readonly requestEdits: HeadEdits

  /** Status of the response, 0 until it is known. */
  readonly status: number
  /** Header of the response, before edits, by lower-case name. */
  responseHeader (name: string): string | undefined
  /** Changes to the response head that the client will see. */
  readonly responseEdits: HeadEdits
  /** Set when the response comes from a fault and not from an upstream. */
  readonly failure: Failure | undefined
}

/** An answer of the gateway's own, by a policy. With `problem` the body is `application/problem+json` (RFC 9457). */
export interface Answer {
  readonly status: number
  /** Short code for log and metrics: `rate-limited`. */
  readonly reason: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
  readonly problem?: {
    readonly type?: string
    readonly title: string
    readonly detail?: string
    readonly extensions?: Readonly<Record<string, unknown>>
  }
}
