import { pathToFileURL } from 'node:url'
import type { Severity } from '../../schema/diagnostic.ts'
import type { Finding, Span } from './finding.ts'
import type { Report } from './report.ts'

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' }
const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 }
/** What GitHub takes: results a run, and locations a result. */
const maxResults = 25_000
const maxLocations = 1_000

/** A SARIF 2.1.0 log, for code scanning. Worst findings come first, because readers cut off what exceeds their limits. */
export function sarif ({ findings, suppressed, problem, version }: Report, base: string): string {
  const all = [
    ...[...findings].sort((a, b) => order[a.diagnostic.severity] - order[b.diagnostic.severity]).map((finding) => ({ finding, reason: undefined })),
    ...suppressed
  ].slice(0, maxResults)
  const codes = [...new Set(all.map(({ finding }) => finding.diagnostic.code))].sort()
  return `${JSON.stringify({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'gwc', version, rules: codes.map((code) => rule(code, problem(code))) } },
      columnKind: 'utf16CodeUnits',
      originalUriBaseIds: { SRCROOT: { uri: `${pathToFileURL(base).href.replace(/\/$/, '')}/` } },
      results: all.map(({ finding, reason }) => result(finding, codes.indexOf(finding.diagnostic.code), reason))
    }]
  }, null, 2)}\n`
}

function rule (code: string, problem: ReturnType<Report['problem']>): Record<string, unknown> {
  return {
    id: code,
    ...(problem !== undefined && {
      shortDescription: { text: problem.summary },
      fullDescription: { text: problem.summary },
      help: { text: problem.docs, markdown: problem.docs },
      defaultConfiguration: { level: levels[problem.severity] }
    }),
    properties: { tags: [code.slice(0, code.indexOf('/'))] }
  }
}

function result ({ diagnostic, span, related, fingerprint }: Finding, ruleIndex: number, reason: string | undefined): Record<string, unknown> {
  const { code, severity, message, help } = diagnostic
  return {
    ruleId: code,
    ruleIndex,
    level: levels[severity],
    message: { text: help === undefined ? message : `${message}\n${help}` },
    // A run over no config at all has no place; GitHub wants one, so the root of the source stands in.
    locations: span === undefined ? [{ physicalLocation: { artifactLocation: { uri: '.', uriBaseId: 'SRCROOT' } } }] : [{ physicalLocation: location(span) }],
    ...(related.length > 0 && {
      relatedLocations: related.slice(0, maxLocations).flatMap(({ message, span }, id) => span === undefined ? [] : [{ id, physicalLocation: location(span), message: { text: message } }])
    }),
    partialFingerprints: { 'gwcFinding/v1': fingerprint },
    ...(reason !== undefined && { suppressions: [{ kind: 'inSource', justification: reason }] })
  }
}

function location ({ file, line, column, endLine, endColumn }: Span): Record<string, unknown> {
  return {
    artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' },
    region: { startLine: line, startColumn: column, endLine, endColumn }
  }
}
