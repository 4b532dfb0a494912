import { requestText } from './request-text.ts'
import { printable } from './report.ts'
import { style } from './style.ts'
import type { TrialAnswer, TrialRequest } from '../trial.ts'

/** A few lines for people: the answer, the route, what each policy decided, and what the upstream was asked for. */
export function trialText (request: TrialRequest, answer: TrialAnswer, color: boolean): string {
  const { strong, faint, good, of } = style(color)
  const { search, ...plain } = request
  const line = requestText(search === undefined || search === '' ? plain : { ...plain, path: `${plain.path}?${search}` })
  const facts: [string, string][] = []
  facts.push(['route', answer.route ?? 'none'])
  for (const { id, name, mode, answer: decided } of answer.policies) {
    facts.push(['policy', `${name} (${id}): ${decided === null ? 'passed' : `${decided.status} ${decided.reason}`}${mode === 'shadow' && decided !== null ? ', in shadow: not heeded' : ''}`])
  }
  if (answer.upstream !== null && answer.forwarded !== null) {
    facts.push(['upstream', `${answer.upstream}: ${answer.forwarded.method} ${answer.forwarded.target}`])
    for (const [name, value] of Object.entries(answer.forwarded.headers)) if (name !== 'connection') facts.push(['', `${name}: ${String(value)}`])
  }
  const status = answer.status < 400 ? good(String(answer.status)) : of.error(String(answer.status))
  const fields = Object.entries(answer.headers).filter(([name]) => name !== 'connection' && name !== 'date' && name !== 'keep-alive').map(([name, value]) => `${name}: ${String(value)}`)
  return [
    `${strong(line)}`,
    `  ${status} ${answer.reason === 'ok' ? '' : answer.reason}`.trimEnd(),
    ...facts.map(([name, value], at) => `  ${faint((at > 0 && facts[at - 1]![0] === name ? '' : name).padEnd(9))} ${value}`),
    `  ${faint('answer   ')} ${fields.join('; ')}`,
    ...(answer.body === '' || answer.body === '{}' ? [] : answer.body.split('\n').map((text) => `            ${text}`)),
    ''
  ].map((text) => `${printable(text).trimEnd()}\n`).join('')
}

/** One line of JSON. */
export function trialJson (request: TrialRequest, answer: TrialAnswer): string {
  return `${JSON.stringify({ request, answer })}\n`
}
