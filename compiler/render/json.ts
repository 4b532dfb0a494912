import type { Finding, Span } from './finding.ts'
import { severityCounts, type Report } from './report.ts'

/** Findings for programs; `diagnostics.schema.json` in this folder describes the form. Readers ignore members they do not know; a new major version may change any. */
export function json (report: Report): string {
  const { error, warning, info } = severityCounts(report.findings)
  return `${JSON.stringify({
    formatVersion: '1.0',
    tool: { name: 'gwc', version: report.version },
    counts: { error, warning, info, suppressed: report.suppressed.length },
    findings: [
      ...report.findings.map((finding) => findingJson(finding)),
      ...report.suppressed.map(({ finding, reason }) => ({ ...findingJson(finding), suppressed: { reason } }))
    ]
  }, null, 2)}\n`
}

function findingJson ({ diagnostic, span, related, fingerprint }: Finding): Record<string, unknown> {
  const { code, severity, message, subject, place, notes, help, witness, fix } = diagnostic
  return {
    code,
    severity,
    message,
    subject,
    location: span === undefined ? undefined : { ...location(span), pointer: place?.pointer },
    related: related.length === 0 ? undefined : related.map(({ message, span }) => ({ message, location: span === undefined ? undefined : location(span) })),
    notes,
    help,
    witness,
    fix: fix === undefined ? undefined : { title: fix.title, applicability: fix.applicability },
    docs: `gwc explain ${code}`,
    fingerprint
  }
}

function location ({ file, line, column, endLine, endColumn, start, end }: Span): Record<string, unknown> {
  return { file, range: { start: { line, column, offset: start }, end: { line: endLine, column: endColumn, offset: end } } }
}
