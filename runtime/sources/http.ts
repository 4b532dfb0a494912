import { rejection } from '../rejection.ts'
import type { Source } from './source.ts'

export interface HttpSourceOptions {
  /** Address of a bundle file; its signature is at the same address with `.sig` after the path. */
  readonly url: URL
  readonly poll: number
  /** Whether the signature is fetched: only where keys are configured. */
  readonly signed: boolean
  readonly allowRewind: boolean
  /** For tests. */
  readonly fetch?: typeof fetch
}

const timeout = 30_000
/** Bytes. */
const largest = 64 * 1024 * 1024

/** A bundle on a web server, asked for with `If-None-Match`. */
export function httpSource ({ url, poll, signed, allowRewind, fetch = globalThis.fetch }: HttpSourceOptions): Source {
  const shown = new URL(url)
  shown.username = shown.password = ''
  const from = shown.href
  let known: string | undefined
  let offered: string | undefined

  async function get (address: URL, etag: string | undefined, stop: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag }
    const bare = new URL(address)
    bare.username = bare.password = ''
    if (address.username !== '') headers['authorization'] = `Basic ${Buffer.from(`${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`).toString('base64')}`
    return fetch(bare, { headers, signal: AbortSignal.any([stop, AbortSignal.timeout(timeout)]) })
  }

  return {
    kind: 'http',
    from,
    restoreFirst: true,
    poll,
    async look ({ force, signal }) {
      offered = undefined
      try {
        const response = await get(url, force ? undefined : known, signal)
        if (response.status === 304) return { kind: 'same' }
        if (response.status !== 200) return { kind: 'away', reason: `${from} answers ${response.status}` }
        const bytes = await bounded(response)
        if (bytes === undefined) return { kind: 'rejected', rejection: rejection('fetch', `the bundle is larger than ${largest} bytes`), revision: null }
        let signature: string | undefined
        if (signed) {
          const address = new URL(url)
          address.pathname += '.sig'
          const envelope = await get(address, undefined, signal)
          if (envelope.status === 200) signature = await envelope.text()
          else if (envelope.status !== 404) return { kind: 'away', reason: `${from}.sig answers ${envelope.status}` }
        }
        offered = response.headers.get('etag') ?? undefined
        return { kind: 'candidate', candidate: { bytes, provenance: { kind: 'http', from }, mayRewind: allowRewind, ...signature === undefined ? {} : { signature } } }
      } catch (error) {
        const { cause, message } = error as Error
        return { kind: 'away', reason: `${from}: ${cause instanceof Error ? cause.message : message}` }
      }
    },
    settled (outcome) {
      // A bundle and its signature are two files: fetched while one was replaced they do not fit, and must be fetched again.
      const unfit = outcome.kind === 'rejected' && outcome.rejection.phase === 'trust'
      if (!unfit) known = offered
    }
  }
}

async function bounded (response: Response): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  if (response.body === null) return new Uint8Array(0)
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += part.length
    if (length > largest) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}
