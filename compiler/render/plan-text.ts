import type { Difference } from '../plan/difference.ts'
import type { Change, ChangeKind, Plan, PlanSide, PlanWitness, Region, StructuralCount } from '../plan/plan.ts'
import { changeTitle } from './change-title.ts'
import { listText, regionText } from './region-text.ts'
import { counted, printable } from './report.ts'
import { requestText } from './request-text.ts'
import { style } from './style.ts'
import type { Style } from './style.ts'
import { tableText } from './table.ts'

/** How much of a plan is shown to people; JSON has all of it. */
const shown = { regions: 5, changes: 20 }

const headings: Readonly<Record<ChangeKind, string>> = { weakening: 'WEAKENING', breaking: 'BREAKING', unknown: 'UNKNOWN', other: 'OTHER' }
const marks: Readonly<Record<ChangeKind, string>> = { weakening: '▼', breaking: '▲', unknown: '?', other: '~' }

/** A plan for people. `all` shows every change and region. */
export function planText (plan: Plan, { color, all = false }: { readonly color: boolean, readonly all?: boolean }): string {
  const paint = style(color)
  const lines = [`${paint.strong(`gwc plan  ${plan.gateway}`)}   ${sideText(plan.base)}  →  ${sideText(plan.head)}`, '']
  for (const { code, message } of plan.notes ?? []) lines.push(` ${paint.of.warning(`NOTE ─ ${code}`)}: ${message}; is that meant?`, '')
  for (const kind of ['weakening', 'breaking', 'unknown', 'other'] as const) {
    const changes = plan.changes.filter((change) => change.kind === kind)
    if (changes.length === 0) continue
    lines.push(` ${heading(kind, changes, paint)}`)
    const listed = all ? changes : changes.slice(0, shown.changes)
    for (const change of listed) lines.push(...changeLines(change, paint, all), '')
    if (listed.length < changes.length) lines.push(`  … ${counted(changes.length - listed.length, 'more change')}; --all shows them`, '')
  }
  lines.push(...stateLines(plan, paint), verdictLine(plan, paint), summaryLine(plan))
  return lines.map((line) => `${printable(line).trimEnd()}\n`).join('')
}

/** `origin/main 3f2a1c9`, `working tree`. */
export function sideText ({ kind, ref, commit, dirty }: PlanSide): string {
  if (kind === 'empty') return 'nothing'
  if (kind === 'worktree') return commit === null || dirty ? 'working tree' : `working tree at ${commit.slice(0, 7)}`
  return commit === null || ref.startsWith(commit.slice(0, 7)) ? ref : `${ref} ${commit.slice(0, 7)}`
}

function heading (kind: ChangeKind, changes: readonly Change[], { strong, of }: Style): string {
  const missing = changes.filter(({ approval }) => approval.state === 'missing' || approval.state === 'expired').length
  const text = `${headings[kind]} ─ ${changes.length}${missing === 0 ? '' : `, ${missing === changes.length ? '' : `${missing} `}to be approved`}`
  return kind === 'weakening' || kind === 'unknown' ? of.error(text) : kind === 'breaking' ? of.warning(text) : strong(text)
}

function changeLines (change: Change, paint: Style, all: boolean): readonly string[] {
  const { strong, faint } = paint
  const regions = all ? change.regions : change.regions.slice(0, shown.regions)
  const lines = [`  ${marks[change.kind]} ${faint(change.id)}  ${strong(changeTitle(change))}${trafficText(change)}`]
  if (change.facets.length > 0) lines.push(...facetLines(change.facets))
  if (change.owners !== undefined) lines.push(`     ${faint('owners')}  ${listText(change.owners, 5)}`)
  for (const region of regions) lines.push(...regionLines(region, paint))
  if (regions.length < change.regions.length) lines.push(`     … ${counted(change.regions.length - regions.length, 'more region')}; --all shows them`)
  lines.push(...approvalLines(change, paint))
  return lines
}

/** `   4,210 requests (0.02 %), last on 2026-11-21`. */
export function trafficText ({ traffic }: Change): string {
  if (traffic === undefined) return ''
  const { requests, share, lastSeen } = traffic
  return `   ${requests.toLocaleString('en')} request${requests === 1 ? '' : 's'} (${(100 * share).toFixed(share < 0.001 ? 3 : 1)} %)${lastSeen === null ? '' : `, last on ${lastSeen}`}`
}

function facetLines (facets: readonly Difference[]): readonly string[] {
  const rows = facets.map(({ facet, before, after }) => [facet, `${before} → ${after}`])
  return tableText(['', ''], rows, (text) => text).split('\n').slice(1, -1).map((line) => `     ${line}`)
}

function regionLines ({ before, after, because, witness, ...region }: Region, { accent, faint }: Style): readonly string[] {
  const route = (side: Region['before']): string => side === null ? '' : `${side.id}${side.at === null ? '' : ` ${faint(`${side.at.file}:${side.at.line}`)}`}`
  const routes = before !== null && after !== null && before.id === after.id && sameLine(before.at, after.at)
    ? `route ${route(after)}`
    : [before === null ? '' : `was ${route(before)}`, after === null ? '' : `now ${route(after)}`].filter((part) => part !== '').join('   ')
  return [
    `     ${accent(regionText({ before, after, because, witness, ...region }))}`,
    ...(routes === '' ? [] : [`       ${routes}`]),
    `       ${faint('why')}  ${because}`,
    ...(witness === null ? [] : [`       ${faint('try')}  ${requestText(witness.request)}   ${outcomeText(witness)}`])
  ]
}

function sameLine (a: { file: string, line: number } | null, b: { file: string, line: number } | null): boolean {
  return a?.file === b?.file && a?.line === b?.line
}

/** `401 → 200 (sent to both)`, or where the request goes. */
export function outcomeText ({ before, after, executed }: PlanWitness): string {
  const text = ({ outcome, route, upstream, status }: PlanWitness['before']): string => {
    const where = outcome === 'forward' ? upstream ?? route ?? '' : outcome === 'closed' ? 'no listener' : outcome === 'redirect' ? 'redirect' : outcome === 'not-found' ? '404' : '405'
    return status === null || status === 0 || String(status) === where ? where : `${status} ${where}`
  }
  return `${text(before)} → ${text(after)}${executed === 'runtime' ? ' (sent to both)' : ''}`
}

function approvalLines ({ id, approval }: Change, { faint, good, of }: Style): readonly string[] {
  switch (approval.state) {
    case 'not-needed': return []
    case 'missing': return [`     ${of.warning('approve')}  gwc approve ${id} --reason '…'`]
    case 'expired': return [`     ${of.warning('approve')}  gwc approve ${id} --reason '…'   ${faint(`the approval of ${approval.by} ended ${approval.expires ?? ''}`)}`]
    case 'approved': return [`     ${good('approved')} by ${approval.by}: ${approval.reason}${approval.expires === null ? '' : ` (until ${approval.expires})`}`]
  }
}

function stateLines ({ state, structural }: Plan, { faint }: Style): readonly string[] {
  const lines = (['reset', 'started', 'drained'] as const).flatMap((name) => state[name].length === 0 ? [] : [` ${faint(name.padEnd(8))} ${listed(state[name])}`])
  const structure = Object.entries(structural).flatMap(([what, count]) => structureText(what, count))
  return [
    ...(lines.length === 0 && structure.length === 0 ? [] : [' STATE AND STRUCTURE']),
    ...lines,
    ...(lines.length === 0 || state.carried.length === 0 ? [] : [` ${faint('carried ')} ${state.carried.length}`]),
    ...structure.map((text) => ` ${faint('config  ')} ${text}`),
    ...(lines.length === 0 && structure.length === 0 ? [] : [''])
  ]
}

function listed (items: readonly string[]): string {
  return items.length <= 8 ? items.join(' · ') : `${items.slice(0, 8).join(' · ')} · and ${items.length - 8} more`
}

/** `2 routes added, 1 renamed`. */
function structureText (what: string, { added, removed, edited, renamed }: StructuralCount): string[] {
  const parts = [[added, 'added'], [removed, 'removed'], [edited, 'edited'], [renamed, 'renamed']].flatMap(([count, word]) => count === 0 ? [] : [`${count} ${word}`])
  return parts.length === 0 ? [] : [`${what}: ${parts.join(', ')}`]
}

function verdictLine ({ verdict, summary: { classes } }: Plan, { good, strong }: Style): string {
  const count = (number: number): string => number.toLocaleString('en')
  if (verdict === 'unchanged') return ` ${good('NO REQUEST IS AFFECTED')}: proved for ${count(classes.total)} ${classes.total === 1 ? 'class' : 'classes'} of requests`
  return ` ${strong('PROVED UNCHANGED')}  ${count(classes.provedUnchanged)} of ${count(classes.total)} classes of requests`
}

function summaryLine ({ summary: { weakening, breaking, other, unknown } }: Plan): string {
  return `Plan: ${weakening} weakening, ${breaking} breaking, ${other} other, ${unknown} unknown.`
}
