import type { BundleListener } from '../../schema/bundle.ts'
import type { Answer } from '../../schema/exchange.ts'
import type { Failure } from '../../schema/failure.ts'
import type { HttpExchange } from './exchange.ts'

/** The same resource over https. Made of the normalised path and the host that was looked at, never of what a client could bend. */
export function redirectOf ({ host, path, search }: HttpExchange, { port, status }: NonNullable<BundleListener['redirect']>): Answer | Failure {
  if (host === '') return { kind: 'bad-request', detail: 'no Host field', field: 'host' }
  const location = `https://${host}${port === null ? '' : `:${port}`}${path === '*' ? '/' : path}${search === '' ? '' : `?${search}`}`
  return { status, reason: 'redirected', headers: [['Location', location]] }
}
