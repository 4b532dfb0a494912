import { literal } from '../passes/source-literal.ts'
import { requestFields, requestUrl } from '../render/request-text.ts'
import type { Coverage } from './coverage.ts'

const quoted = (text: string): string => literal('.ts', text)

/** Route tests that hold today, one for each class that has none: a file to read through, and to keep what is meant. */
export function skeleton (uncovered: Coverage['uncovered'], listeners: readonly string[]): string {
  const lines = uncovered.map(({ request, route }) => {
    const fields = Object.entries(requestFields(request))
    const members = [
      ...(fields.length === 0 ? [] : [`headers: { ${fields.map(([name, value]) => `${/^[a-z_]\w*$/i.test(name) ? name : quoted(name)}: ${quoted(value)}`).join(', ')} }`]),
      ...(listeners.length === 1 ? [] : [`listener: ${quoted(request.listener)}`])
    ]
    return `expectRequest(${quoted(`${request.method} ${requestUrl(request)}`)}${members.length === 0 ? '' : `, { ${members.join(', ')} }`}).${route === null ? 'toReachNothing()' : `toReach(${quoted(route)})`}\n`
  })
  return `import { expectRequest } from 'gwc/test'\n\n// What the gateway does today with one request of each class that had no test. Keep what is meant to stay so.\n${lines.join('')}`
}
