import { printable, type Report } from './report.ts'

/** One line a finding, for problem matchers and grep: `file:line:column: severity code message`. */
export function compact ({ findings }: Report): string {
  return findings.map(({ diagnostic: { severity, code, message }, span }) => {
    const place = span === undefined ? 'gwc' : `${span.file}:${span.line}:${span.column}`
    return `${printable(`${place}: ${severity} ${code} ${message}`).replaceAll('\n', ' ')}\n`
  }).join('')
}
