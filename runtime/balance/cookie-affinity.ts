import { createHash, createHmac } from 'node:crypto'
import type { ResolvedAffinity } from '../../schema/resolved.ts'
import type { Endpoint } from '../upstream/endpoint.ts'
import type { Affinity } from './affinity.ts'

type CookieOptions = Extract<ResolvedAffinity, { by: 'cookie' }>

/**
 * Affinity by a signed cookie. Its value names an endpoint by a digest, never by address, and has no other content: there is one value per
 * endpoint, and a request's cookie is compared with those instead of being verified by computation.
 */
export function createCookieAffinity (options: CookieOptions, upstream: string, key: () => string): Affinity {
  const attributes = attributesOf(options)
  let signedBy: string | undefined
  let known: readonly Endpoint[] = []
  let byValue: ReadonlyMap<string, Endpoint> = new Map()
  let values: ReadonlyMap<Endpoint, string> = new Map()

  function table (endpoints: readonly Endpoint[]): void {
    const secret = key()
    if (secret === signedBy && endpoints === known) return
    signedBy = secret
    known = endpoints
    const pairs = endpoints.map((endpoint) => [cookieOf(upstream, endpoint.id, secret), endpoint] as const)
    byValue = new Map(pairs)
    values = new Map(pairs.map(([value, endpoint]) => [endpoint, value]))
  }

  return {
    onFailure: options.onFailure,
    bound (request, endpoints) {
      table(endpoints)
      const value = request.cookie(options.name)
      return value === undefined ? undefined : byValue.get(value)
    },
    choose: () => undefined,
    bind (request, endpoint) {
      const value = values.get(endpoint)
      return value === undefined || request.cookie(options.name) === value ? undefined : `${options.name}=${value}${attributes}`
    }
  }
}

function cookieOf (upstream: string, endpoint: string, key: string): string {
  const name = createHash('sha256').update(`${upstream}\n${endpoint}`).digest('base64url').slice(0, 16)
  return `${name}.${createHmac('sha256', key).update(`${upstream}\n${name}`).digest('base64url').slice(0, 32)}`
}

function attributesOf ({ path, domain, ttl, secure, httpOnly, sameSite }: CookieOptions): string {
  const attributes = [`Path=${path}`]
  if (domain !== null) attributes.push(`Domain=${domain}`)
  if (ttl !== null) attributes.push(`Max-Age=${Math.floor(ttl / 1000)}`)
  if (secure) attributes.push('Secure')
  if (httpOnly) attributes.push('HttpOnly')
  attributes.push(`SameSite=${sameSite[0]!.toUpperCase()}${sameSite.slice(1)}`)
  return attributes.map((attribute) => `; ${attribute}`).join('')
}
