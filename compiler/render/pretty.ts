import { framesText, gutterWidth } from './frame.ts'
import type { Finding } from './finding.ts'
import { counted, printable, severityCounts, type Report } from './report.ts'
import { requestText } from './request-text.ts'
import { style, type Style } from './style.ts'

/** Findings and other sides of one finding beyond these are only counted: nobody reads the 101st. */
const maxFindings = 100
const maxRelated = 8

/** Findings for people: each with frames into their source, what to do, and where to read more. Ends with a count. */
export function pretty (report: Report, color: boolean): string {
  const styled = style(color)
  const blocks = report.findings.slice(0, maxFindings).map((finding) => block(finding, report, styled))
  const rest = report.findings.length - blocks.length
  if (rest > 0) blocks.push(styled.faint(`… and ${rest} more; --format json has them all`))
  const counts = countsText(report, styled)
  return [...blocks, ...(counts === '' ? [] : [counts])].map((text) => `${text}\n`).join('\n')
}

function block (finding: Finding, report: Report, styled: Style): string {
  const { diagnostic, span, related } = finding
  const { severity, code } = diagnostic
  const frames = related.slice(0, maxRelated).flatMap(({ message, span }) => span === undefined ? [] : [{ span, text: report.read(span.file), label: printable(message), secondary: true, masked: false }])
  if (span !== undefined) frames.unshift({ span, text: report.read(span.file), label: '', secondary: false, masked: report.problem(code)?.concealed === true })
  const witness = diagnostic.witness === undefined ? undefined : requestText(diagnostic.witness.request)
  const notes: [string, string][] = [
    ...(related.length > maxRelated ? [['note', `and ${related.length - maxRelated} more places; --format json has them all`] as [string, string]] : []),
    ...(witness === undefined || related.some(({ message }) => message.includes(witness)) ? [] : [['witness', `${witness} → ${diagnostic.witness!.outcome}`] as [string, string]]),
    ...(diagnostic.notes ?? []).map((note) => ['note', note] as [string, string]),
    ...(diagnostic.help === undefined ? [] : [['help', diagnostic.help] as [string, string]]),
    ...(diagnostic.fix?.applicability === 'safe' ? [['fix', `${diagnostic.fix.title} (gwc lint --fix)`] as [string, string]] : []),
    ...(report.problem(code) === undefined ? [] : [['docs', `gwc explain ${code}`] as [string, string]])
  ]
  return [
    `${styled.of[severity](`${severity}[${code}]`)}${styled.strong(`: ${printable(diagnostic.message)}`)}`,
    ...framesText(frames, severity, styled),
    ...notes.map(([name, text]) => `${styled.faint(`${' '.repeat(gutterWidth(frames))} =`)} ${styled.strong(`${name}:`)} ${printable(text).replaceAll('\n', `\n${' '.repeat(gutterWidth(frames) + 3)}`)}`)
  ].join('\n')
}

function countsText ({ findings, suppressed }: Report, styled: Style): string {
  const counts = severityCounts(findings)
  const fixable = findings.filter(({ diagnostic }) => diagnostic.fix?.applicability === 'safe').length
  const parts = [
    counts.error > 0 ? styled.of.error(counted(counts.error, 'error')) : '',
    counts.warning > 0 ? styled.of.warning(counted(counts.warning, 'warning')) : '',
    counts.info > 0 ? styled.of.info(`${counts.info} info`) : '',
    suppressed.length > 0 ? `${suppressed.length} suppressed` : ''
  ].filter((part) => part !== '')
  return parts.join(', ') + (fixable > 0 ? styled.faint(` (${fixable} fixable with gwc lint --fix)`) : '')
}
