import { printHost } from '../../schema/host.ts'
import { printPath } from '../../schema/path.ts'
import type { ResolvedPolicy, ResolvedRoute } from '../../schema/resolved.ts'
import type { Explanation } from '../explain/explain.ts'
import { conditionText, methodsText } from './match-text.ts'
import { counted, printable } from './report.ts'
import { style } from './style.ts'
import { tableText } from './table.ts'
import { upstreamFacts } from './upstream-text.ts'

/** What the text of an explanation needs besides. */
export interface ExplanationContext {
  /** `file:line` of a node by its pointer. */
  readonly definedAt: (pointer: string) => string
  readonly phaseOf: (policy: string) => string
  /** Losers that are shown. */
  readonly limit: number
  readonly color: boolean
}

/** How a request is treated, for people. */
export function explanationText (explanation: Explanation, context: ExplanationContext): string {
  const { request, outcome, listener, policies, losers } = explanation
  const { strong, faint, good, of } = style(context.color)
  const target = `${request.path}${request.search === '' ? '' : `?${request.search}`}`
  const line = request.hostField === '' ? `${request.method} ${target}` : `${request.method} http://${request.hostField}${target}`
  const lines = [`${strong(line)} ${faint(`${request.hostField === '' ? 'without a host, ' : ''}on listener ${listener}`)}`]
  if (request.rawPath !== undefined) lines.push(faint(`  normalised from ${request.rawPath}`))
  lines.push('')
  switch (outcome.kind) {
    case 'no-route': lines.push(`${of.error('✗')} no route matches: the client gets 404`); break
    case 'method-not-allowed': lines.push(`${of.error('✗')} no route takes ${request.method} here: the client gets 405 with Allow: ${outcome.allow.join(', ')}`); break
    case 'route': lines.push(`${good('→')} ${strong(outcome.route.id)} ${faint(context.definedAt(outcome.route.pointer))}`)
  }
  const facts: [string, string[]][] = []
  if (outcome.kind === 'route') facts.push(['match', [matchText(outcome.route)]])
  if (outcome.kind === 'route' && Object.keys(outcome.params).length > 0) facts.push(['parameters', Object.entries(outcome.params).map(([name, value]) => `${name} = ${value === '' ? '(empty)' : value}`)])
  facts.push(['policies', policies.length === 0 ? ['none'] : policyLines(policies, context)])
  if (outcome.kind === 'route') {
    const { upstream, forwarded } = outcome
    facts.push(...upstreamFacts(upstream, outcome.route.action.timeout).map(([name, text]): [string, string[]] => [name, [text]]))
    facts.push(['asked for', [`${forwarded.method} ${forwarded.target}`, `Host: ${forwarded.host ?? '(that of the target in turn)'}`]])
  }
  for (const [name, values] of facts) lines.push(...values.map((value, at) => `  ${faint((at === 0 ? name : '').padEnd(10))}  ${printable(value)}`))
  return `${lines.join('\n')}\n${losersText(losers, outcome.kind === 'route', context)}`
}

function losersText (losers: Explanation['losers'], matched: boolean, { limit, definedAt, color }: ExplanationContext): string {
  // With a winner, only what came near is of interest; without one, the nearest is, however far.
  const near = losers.filter(({ distance }) => !matched || distance < 1).slice(0, limit)
  const shown = limit === Infinity ? losers : near
  if (shown.length === 0) return ''
  const { strong, faint } = style(color)
  const rest = losers.length - shown.length
  return [
    `\n${strong(matched ? 'Why not another' : 'Nearest routes')}\n`,
    ...shown.map(({ route, reason }) => `  ${printable(route.id)} ${faint(definedAt(route.pointer))}\n    ${printable(reason)}\n`),
    rest > 0 ? faint(`  ${counted(rest, 'more route')} further off; --all shows ${rest === 1 ? 'it' : 'them'}\n`) : ''
  ].join('')
}

/** A route's match in one line. */
function matchText ({ match }: ResolvedRoute): string {
  const hosts = match.hosts.length === 0 ? 'any host' : match.hosts.map(printHost).join(' or ')
  const conditions = match.conditions.length === 0 ? '' : `, if ${match.conditions.map(conditionText).join(' and ')}`
  return `${methodsText(match)} ${printPath(match.path)} on ${hosts}${conditions}`
}

function policyLines (policies: readonly ResolvedPolicy[], { phaseOf }: ExplanationContext): string[] {
  return tableText(['', '', '', ''], policies.map(({ id, name, mode }) => [phaseOf(name), name, mode === 'enforce' ? '' : mode, id]), (text) => text)
    .split('\n').slice(1, -1)
}
