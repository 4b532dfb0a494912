import type { TargetDocument } from '../../../schema/generated/gateway.ts'
import type { ResolvedTarget } from '../../../schema/resolved.ts'
import { refusedHost } from './address.ts'

/** A target, or why it is none. `suggestion` is the URL as it was probably meant. */
export function resolveTarget (document: string | TargetDocument): ResolvedTarget | { readonly invalid: string, readonly suggestion?: string } {
  const { url: text, weight = 1, priority = 0, zone = null, drain = false } = typeof document === 'string' ? { url: document } : document
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(text)
  if (parts === null) {
    const meant = `http://${text}`
    return { invalid: 'a target is scheme, host and port: http://10.0.0.1:8080', ...(/^[\w.-]+:\d+$/.test(text) && URL.canParse(meant) ? { suggestion: meant } : {}) }
  }
  const scheme = parts[1]!.toLowerCase()
  const [authority, rest] = [parts[2]!, parts[3]!]
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'tcp') return { invalid: `the scheme must be http, https or tcp, not ${scheme}` }
  if (authority.includes('@')) return { invalid: 'a target has no credentials; send them with a policy and secret()' }
  if (rest !== '' && rest !== '/') return { invalid: `a target has no path or query; use the route's rewrite for ${rest}`, suggestion: `${scheme}://${authority}` }
  if (!URL.canParse(`http://${authority}`)) return { invalid: `${authority || 'the empty text'} is no host and port` }
  const port = /:(\d+)$/.exec(authority)?.[1]
  if (port === undefined) return scheme === 'tcp' ? { invalid: 'the port is missing' } : { invalid: 'the port is missing', suggestion: `${scheme}://${authority.replace(/:$/, '')}:${scheme === 'https' ? 443 : 80}` }
  if (Number(port) === 0) return { invalid: 'no server has port 0' }
  // URL brings all spellings of an address (0x7f.1, 2852039166) into one.
  const host = new URL(`http://${authority}`).hostname.replace(/^\[|\]$/g, '')
  const refused = refusedHost(host)
  return refused === undefined ? { scheme, host, port: Number(port), weight, priority, zone, drain } : { invalid: refused }
}
