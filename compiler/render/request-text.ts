import type { WitnessRequest } from '../../schema/diagnostic.ts'

const plain = /^[\w./:=@%+,-]+$/

/** A request in one line, as `gwc explain` and (with its `-H`) `curl` take it: `GET http://api.example.com/x?v=2 -H 'x-beta: 1'`. */
export function requestText (request: Omit<WitnessRequest, 'listener'>): string {
  const query = Object.entries(request.query).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
  const cookies = Object.entries(request.cookies).map(([name, value]) => `${name}=${value}`).join('; ')
  const fields = Object.entries(request.headers).concat(cookies === '' ? [] : [['cookie', cookies]])
  const target = `http://${request.host}${request.path}${query === '' ? '' : `?${query}`}`
  return [request.method, quoted(target), ...fields.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`)].join(' ')
}

/** A word for a POSIX shell. */
function quoted (word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
