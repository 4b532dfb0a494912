import { normalizeTarget } from '../../schema/normalize.ts'
import type { Resolved } from '../../schema/resolved.ts'
import { parseAuthority } from '../../runtime/http/authority.ts'
import { cookieValue, fieldValue, queryValue } from '../../runtime/http/fields.ts'
import type { ExplainedRequest } from '../explain/request.ts'
import { UsageError } from '../usage-error.ts'

/** Reads `GET https://api.example.com/x` and `name: value` lines as the runtime reads a request. `refused` says why it would answer 400. */
export function explainedRequest (line: string, headerLines: readonly string[], listenerName: string | undefined, { listeners }: Pick<Resolved, 'listeners'>): ExplainedRequest | { readonly refused: string } {
  const [, method = 'GET', target = ''] = /^(?:([!#$%&'*+.^_`|~\w-]+)\s+)?(\S+)$/.exec(line.trim()) ?? []
  if (target === '') throw new UsageError(`'${line}' is no request: write 'GET https://api.example.com/path', or a path with -H 'host: …'`)
  const fields = headerLines.flatMap(headerField)
  const normal = normalizeTarget(target)
  if ('invalid' in normal) return { refused: normal.invalid }
  if (normal.path === '*' && method.toUpperCase() !== 'OPTIONS') return { refused: 'only OPTIONS has the target *' }
  const hostField = normal.authority ?? fieldValue(fields, 'host') ?? ''
  const authority = hostField === '' ? { host: '', port: undefined } : parseAuthority(hostField)
  if (authority === undefined) return { refused: `'${hostField}' is no host` }
  const cookies = fieldValue(fields, 'cookie')
  const rawPath = target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/\?.*$/, '') || '/'
  return {
    listener: listenerIndex(listenerName, authority.port, listeners),
    method: method.toUpperCase(),
    host: authority.host,
    hostField,
    path: normal.path,
    search: normal.search,
    rawPath: rawPath === normal.path ? undefined : rawPath,
    header: (name) => name === 'host' ? hostField : fieldValue(fields, name),
    query: (name) => normal.search === '' ? undefined : queryValue(normal.search, name),
    cookie: (name) => cookies === undefined ? undefined : cookieValue(cookies, name)
  }
}

function headerField (line: string): [name: string, value: string] {
  const match = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line)
  if (match === null) throw new UsageError(`'${line}' is no header: write -H 'name: value'`)
  return [match[1]!, match[2]!]
}

/** The named listener, else the one with the port of the URL, else the only one. */
function listenerIndex (name: string | undefined, port: number | undefined, listeners: Resolved['listeners']): number {
  const names = listeners.map((listener) => listener.name)
  const index = name === undefined
    ? listeners.length === 1 ? 0 : listeners.findIndex((listener) => port !== undefined && listener.port === port)
    : names.indexOf(name)
  if (index >= 0) return index
  throw new UsageError(name === undefined ? `there are several listeners; choose one with --listener: ${names.join(', ')}` : `there is no listener '${name}'; listeners are ${names.join(', ')}`)
}
