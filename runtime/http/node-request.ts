import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Failure } from '../../schema/failure.ts'
import type { Timeouts } from '../upstream/timeouts.ts'
import { acceptRequest } from './accept.ts'
import type { Accepted, Limits } from './accept.ts'
import type { ClientRequest } from './client-request.ts'
import { NodeBody } from './node-body.ts'
import { NodeResponse } from './node-response.ts'
import type { ResponseWriter, WriterEvents } from './response-writer.ts'

/** A request of the full lane, as Node's HTTP server gives it. */
export class NodeRequest implements ClientRequest {
  readonly method: string
  readonly version: string
  readonly body: NodeBody
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #target: string

  /** `target`: the request target as sent. */
  constructor (req: IncomingMessage, res: ServerResponse, target: string) {
    this.method = req.method ?? ''
    this.version = req.httpVersion
    this.body = new NodeBody(req)
    this.#req = req
    this.#res = res
    this.#target = target
  }

  accept (limits: Limits, scheme: 'http' | 'https'): Accepted | Failure {
    return acceptRequest({ method: this.method, target: this.#target, version: this.version, raw: this.#req.rawHeaders, scheme }, limits)
  }

  respond (timeouts: Timeouts, stallTimeout: number, events: WriterEvents): ResponseWriter {
    return new NodeResponse(this.#req, this.#res, timeouts, stallTimeout, events)
  }
}
