import type { Answer, Exchange } from '../../schema/exchange.ts'
import type { PolicyHandler, PolicyHost } from '../../schema/policy.ts'
import { consumerField } from '../../schema/consumer-field.ts'
import { KeyRing } from './key-ring.ts'
import type { ApiKeyOptions } from './options.ts'

function placeOf ({ in: place = 'header:x-api-key' }: ApiKeyOptions): string {
  return place
}

/** The header with the key, where the upstream does not see it. */
export function hiddenField (options: ApiKeyOptions): string | undefined {
  const place = placeOf(options)
  return place.startsWith('header:') && options.forward !== true ? place.slice('header:'.length).toLowerCase() : undefined
}

/** Lets requests with a known key pass and tells the upstream whose it is. Keys are never logged, counted by, or sent back. */
export function createHandler (options: ApiKeyOptions, host: PolicyHost): PolicyHandler {
  const ring = new KeyRing(options.keys, host)
  const place = placeOf(options)
  const inHeader = place.startsWith('header:')
  const name = inHeader ? place.slice('header:'.length).toLowerCase() : place.slice('query:'.length)
  const hide = hiddenField(options) !== undefined
  const challenge = `ApiKey in="${inHeader ? 'header' : 'query'}", name="${name}"`
  const missing = refusal('api-key-missing', `This resource needs an API key in the ${inHeader ? 'header' : 'query parameter'} ${name}.`, challenge)
  const unknown = refusal('api-key-unknown', 'The API key is not known.', challenge)

  return {
    request (exchange: Exchange): Answer | undefined {
      const key = inHeader ? exchange.header(name) : exchange.query(name)
      if (key === undefined || key === '') {
        host.count('missing')
        return missing
      }
      const owner = ring.ownerOf(key)
      if (owner === undefined) {
        host.count('unknown')
        return unknown
      }
      if (hide) exchange.requestEdits.remove(name)
      exchange.requestEdits.set(consumerField, owner)
      return undefined
    }
  }
}

function refusal (reason: string, detail: string, challenge: string): Answer {
  return { status: 401, reason, headers: [['www-authenticate', challenge]], problem: { title: 'Unauthorized', detail } }
}
