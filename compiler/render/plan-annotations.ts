import type { Change, Plan, Region } from '../plan/plan.ts'
import { planCodes } from '../plan/codes.ts'
import { changeTitle } from './change-title.ts'
import { githubData, githubProperty } from './github-escape.ts'
import { regionText } from './region-text.ts'

/** One change at one place of the config: what annotations and SARIF results are made of. */
export interface PlanFinding {
  readonly code: string
  readonly level: 'error' | 'warning' | 'note'
  readonly message: string
  readonly file: string | undefined
  readonly line: number
  readonly column: number
  readonly fingerprint: string
}

/** A finding for each region of each change, the weightiest first; `prefix` leads from the repository to the folder of the config. */
export function planFindings ({ changes }: Plan, prefix: string): readonly PlanFinding[] {
  return changes.flatMap((change) => change.regions.map((region) => finding(change, region, prefix)))
}

function finding (change: Change, region: Region, prefix: string): PlanFinding {
  const { kind, codes, facets, fingerprint, approval, reason, id } = change
  const at = region.after?.at ?? null
  const what = codes.length === 0 && reason === null ? `${changeTitle(change)} changes` : changeTitle(change)
  const moves = facets.map(({ facet, before, after }) => `${facet}: ${before} → ${after}`).join('; ')
  return {
    code: `plan/${(codes[0] ?? (kind === 'unknown' ? 'unknown' : 'change')).toLowerCase()}`,
    level: approval.state === 'missing' || approval.state === 'expired' ? 'error' : kind === 'other' || approval.state === 'approved' ? 'note' : 'warning',
    message: `${what} for ${regionText(region)}${moves === '' ? '' : `. ${moves}`}. ${region.because}${approval.state === 'missing' ? ` (gwc approve ${id})` : ''}`,
    file: at === null ? undefined : `${prefix}${at.file}`,
    line: at?.line ?? 1,
    column: at?.column ?? 1,
    fingerprint
  }
}

/** GitHub shows ten annotations of each kind a step. */
const shown = 10
const commands = { error: 'error', warning: 'warning', note: 'notice' } as const

/** Workflow commands that GitHub turns into annotations. */
export function planGithub (plan: Plan, prefix: string): string {
  const findings = planFindings(plan, prefix)
  const kept = (['error', 'warning', 'note'] as const).flatMap((level) => findings.filter((one) => one.level === level).slice(0, level === 'note' ? shown - 1 : shown))
  const lines = kept.map(({ level, code, message, file, line, column }) => `::${commands[level]} ${[...(file === undefined ? [] : [`file=${githubProperty(file)}`, `line=${line}`, `col=${column}`]), `title=${githubProperty(code)}`].join(',')}::${githubData(message)}`)
  const rest = findings.length - kept.length
  return [...lines, ...(rest > 0 ? [`::notice title=gwc plan::${rest} more regions; see the comment or the JSON`] : [])].map((line) => `${line}\n`).join('')
}

/** GitHub takes 25,000 results a run. */
const mostResults = 25_000

/** SARIF 2.1.0. A region without a place in the head, as of a deleted route, stands at the config itself. */
export function planSarif (plan: Plan, prefix: string, config: string): string {
  const findings = planFindings(plan, prefix).slice(0, mostResults)
  const rules = [...new Set(findings.map(({ code }) => code))].sort()
  return `${JSON.stringify({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'gwc plan', version: plan.tool.version, rules: rules.map((id) => ({ id, shortDescription: { text: ruleText(id) } })) } },
      results: findings.map(({ code, level, message, file, line, column, fingerprint }) => ({
        ruleId: code,
        level,
        message: { text: message },
        locations: [{ physicalLocation: { artifactLocation: { uri: file ?? config }, region: { startLine: line, startColumn: column } } }],
        partialFingerprints: { 'gwc/plan/v1': fingerprint }
      }))
    }]
  }, null, 2)}\n`
}

function ruleText (id: string): string {
  const code = id.slice('plan/'.length).toUpperCase()
  return planCodes[code as keyof typeof planCodes] ?? (code === 'UNKNOWN' ? 'could not be told' : 'changed')
}
