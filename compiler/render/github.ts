import type { Severity } from '../../schema/diagnostic.ts'
import type { Finding } from './finding.ts'
import { githubData, githubProperty } from './github-escape.ts'
import { counted, type Report } from './report.ts'

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' }
/** GitHub shows ten annotations of each kind a step. */
const shown = 10

/** Workflow commands that GitHub turns into annotations, at most ten of a kind; a notice counts the rest. */
export function github ({ findings }: Report): string {
  const kept = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const room = severity === 'info' ? shown - 1 : shown
    return findings.filter(({ diagnostic }) => diagnostic.severity === severity).slice(0, room)
  })
  const lines = kept.map(annotation)
  const rest = findings.length - kept.length
  if (rest > 0) lines.push(`::notice title=gwc::${counted(rest, 'more finding')}; run gwc lint to see ${rest === 1 ? 'it' : 'them all'}`)
  return lines.map((line) => `${line}\n`).join('')
}

function annotation ({ diagnostic, span, related }: Finding): string {
  const properties: [string, string | number][] = span === undefined
    ? []
    : [['file', span.file], ['line', span.line], ['endLine', span.endLine], ...(span.line === span.endLine ? [['col', span.column], ['endColumn', span.endColumn]] as [string, number][] : [])]
  const body = [
    diagnostic.message,
    ...related.map(({ message, span }) => (span === undefined ? message : `${span.file}:${span.line}: ${message}`)),
    ...(diagnostic.help === undefined ? [] : [`help: ${diagnostic.help}`])
  ].join('\n')
  const list = [...properties, ['title', diagnostic.code] as const].map(([name, value]) => `${name}=${githubProperty(String(value))}`)
  return `::${commands[diagnostic.severity]} ${list.join(',')}::${githubData(body)}`
}
