import type { WitnessRequest } from '../../schema/diagnostic.ts'
import type { Coverage } from './coverage.ts'

/** Route tests that hold today, one for each class that has none: a file to read through, and to keep what is meant. */
export function skeleton (uncovered: Coverage['uncovered'], listeners: readonly string[]): string {
  const lines = uncovered.map(({ request, route }) => {
    const { line, headers } = requestParts(request)
    const members = [
      ...(Object.keys(headers).length === 0 ? [] : [`headers: { ${Object.entries(headers).map(([name, value]) => `${/^[a-z_]\w*$/i.test(name) ? name : literal(name)}: ${literal(value)}`).join(', ')} }`]),
      ...(listeners.length === 1 ? [] : [`listener: ${literal(request.listener)}`])
    ]
    return `expectRequest(${literal(line)}${members.length === 0 ? '' : `, { ${members.join(', ')} }`}).${route === null ? 'toReachNothing()' : `toReach(${literal(route)})`}\n`
  })
  return `import { expectRequest } from 'gwc/test'\n\n// What the gateway does today with one request of each class that had no test. Keep what is meant to stay so.\n${lines.join('')}`
}

function requestParts ({ method, host, path, query, headers, cookies }: WitnessRequest): { readonly line: string, readonly headers: Readonly<Record<string, string>> } {
  const search = Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; ')
  return {
    line: `${method} http://${host}${path}${search === '' ? '' : `?${search}`}`,
    headers: cookie === '' ? headers : { ...headers, cookie }
  }
}

/** A string of JavaScript. */
function literal (text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
