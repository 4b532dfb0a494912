import type { Failure } from '../../schema/failure.ts'

/** What an error of the HTTP server on a client's connection means, or undefined when there is nobody left to tell. */
export function clientFailure (error: NodeJS.ErrnoException, silent: boolean): Failure | undefined {
  const code = error.code ?? ''
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return silent ? undefined : { kind: 'request-timeout', detail: 'the request head took too long' }
  if (code === 'HPE_HEADER_OVERFLOW') return { kind: 'head-too-large', detail: 'the request head is too large' }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return { kind: 'bad-request', detail: 'too many chunk extensions' }
  return code.startsWith('HPE_') ? { kind: 'bad-request', detail: 'malformed HTTP' } : undefined
}
