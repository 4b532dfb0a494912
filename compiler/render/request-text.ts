import type { WitnessRequest } from '../../schema/diagnostic.ts'

const plain = /^[\w./:=@%+,-]+$/

/** A request in one line, as `gwc explain` and (with its `-H`) `curl` take it: `GET http://api.example.com/x?v=2 -H 'x-beta: 1'`. */
export function requestText (request: Omit<WitnessRequest, 'listener'>): string {
  const fields = Object.entries(requestFields(request))
  return [request.method, quoted(requestUrl(request)), ...fields.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`)].join(' ')
}

/** `http://api.example.com/x?v=2`. */
export function requestUrl ({ host, path, query }: Pick<WitnessRequest, 'host' | 'path' | 'query'>): string {
  return `http://${host}${path}${searchText(query)}`
}

/** The header fields of a request, that of its cookies among them. */
export function requestFields ({ headers, cookies }: Pick<WitnessRequest, 'headers' | 'cookies'>): Readonly<Record<string, string>> {
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ')
  return cookie === '' ? headers : { ...headers, cookie }
}

/** A query as it stands behind a path, with its question mark. */
export function searchText (query: WitnessRequest['query']): string {
  const text = Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
  return text === '' ? '' : `?${text}`
}

/** A word for a POSIX shell. */
function quoted (word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
