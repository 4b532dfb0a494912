import type { IncomingMessage } from 'node:http'
import type { BodySink, BodySource } from './client.ts'

/** The body of a request of the full lane. */
export class NodeBody implements BodySource {
  readonly #req: IncomingMessage
  #sink: BodySink | undefined
  #listening = false

  constructor (req: IncomingMessage) { this.#req = req }

  get complete (): boolean { return this.#req.complete }
  get paused (): boolean { return this.#req.isPaused() }

  read (sink: BodySink): void {
    this.#sink = sink
    if (this.#req.readableEnded) return sink.end()
    if (this.#listening) return
    this.#listening = true
    this.#req.on('data', (part: Buffer) => this.#sink?.data(part))
    this.#req.on('end', () => this.#sink?.end())
  }

  leave (): void { this.#sink = undefined }
  pause (): void { this.#req.pause() }
  resume (): void { this.#req.resume() }
}
