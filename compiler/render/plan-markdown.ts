import type { Change, Plan, PlanWitness, Region } from '../plan/plan.ts'
import { changeTitle } from './change-title.ts'
import { outcomeText, sideText, trafficText } from './plan-text.ts'
import { regionText } from './region-text.ts'
import { requestText } from './request-text.ts'

/** GitHub takes 65,536 characters. */
const longest = 60_000

/** One comment of a pull request. Its first line, hidden, lets the next run find and replace it. */
export function planMarkdown (plan: Plan, link?: string): string {
  const weakening = plan.changes.filter(({ kind }) => kind === 'weakening' || kind === 'unknown')
  const others = plan.changes.filter(({ kind }) => kind === 'breaking' || kind === 'other')
  const head = [`<!-- gwc:${safeMarker(plan.gateway)} -->`, `## Gateway plan: ${title(plan)}`, '', intro(plan), '', ...(plan.notes ?? []).flatMap(({ message }) => [`> ${escaped(message)}; is that meant?`, ''])]
  const tail = footer(plan, link)
  const urgent = weakening.flatMap(changeBlock)
  const rest = others.length === 0 ? [] : [details(`${others.length} more change${others.length === 1 ? '' : 's'}`, others.flatMap(changeBlock))]
  const state = stateBlock(plan)
  for (const body of [[...urgent, ...rest, ...state], [...urgent, ...countsOnly(others), ...state], [...countsOnly(weakening), ...countsOnly(others)]]) {
    const text = [...head, ...body, ...tail].join('\n')
    if (text.length <= longest) return text
  }
  return [...head, ...tail].join('\n').slice(0, longest)
}

function title ({ verdict, needsApproval, summary: { weakening, breaking, other, unknown } }: Plan): string {
  if (verdict === 'unchanged') return 'no request is affected'
  const parts = [[weakening, 'weakening'], [breaking, 'breaking'], [other, 'other'], [unknown, 'unknown']].flatMap(([count, word]) => count === 0 ? [] : [`${count} ${word}`])
  return `${parts.join(', ')}${needsApproval ? ', approval needed' : ''}`
}

function intro ({ base, head, verdict, summary: { classes } }: Plan): string {
  const proved = verdict === 'unchanged'
    ? `Proved for all ${classes.total.toLocaleString('en')} classes of requests.`
    : `Proved unchanged: ${classes.provedUnchanged.toLocaleString('en')} of ${classes.total.toLocaleString('en')} classes of requests.`
  return `${code(sideText(base))} → ${code(sideText(head))}. ${proved}`
}

function changeBlock (change: Change): string[] {
  const regions = change.regions.slice(0, 20)
  return [
    `### ${change.id}: ${escaped(changeTitle(change))}`,
    '',
    ...(change.traffic === undefined ? [] : [trafficText(change).trim(), '']),
    ...(change.facets.length === 0 ? [] : ['| | before | after |', '|---|---|---|', ...change.facets.map(({ facet, before, after }) => `| ${escaped(facet)} | ${cell(before)} | ${cell(after)} |`), '']),
    ...regions.flatMap(regionLines),
    ...(regions.length < change.regions.length ? [`- … and ${change.regions.length - regions.length} more regions`] : []),
    '',
    ...(change.owners === undefined ? [] : [`Owners: ${change.owners.map(code).join(', ')}`, '']),
    ...approvalLines(change)
  ]
}

function regionLines (region: Region): string[] {
  const { before, after, because, witness } = region
  const route = (side: Region['before']): string => side === null ? 'none' : `${code(side.id)}${side.at === null ? '' : ` (${escaped(`${side.at.file}:${side.at.line}`)})`}`
  return [
    `- ${code(regionText(region, 10))}`,
    `  - route: ${before?.id === after?.id ? route(after) : `${route(before)} → ${route(after)}`}; ${escaped(because)}`,
    ...(witness === null ? [] : [`  - ${witnessText(witness)}`])
  ]
}

function witnessText (witness: PlanWitness): string {
  return `try ${code(requestText(witness.request))}: ${escaped(outcomeText(witness))}`
}

function approvalLines ({ id, approval, fingerprint }: Change): string[] {
  switch (approval.state) {
    case 'not-needed': return []
    case 'approved': return [`Approved by ${escaped(approval.by)}: ${escaped(approval.reason)}${approval.expires === null ? '' : ` (until ${approval.expires})`}`, '']
    default: return [`**Approval needed**: ${code(`gwc approve ${id} --reason '…'`)} (fingerprint ${code(fingerprint.slice(0, 19))})`, '']
  }
}

function countsOnly (changes: readonly Change[]): string[] {
  return changes.slice(0, 100).map(({ id, codes, facets, regions, approval }) =>
    `- ${id}: ${escaped(codes.join(', ') || facets.map(({ facet }) => facet).join(', '))}, ${regions.length} region${regions.length === 1 ? '' : 's'}${approval.state === 'missing' ? ', approval needed' : ''}`).concat(changes.length > 100 ? [`- … and ${changes.length - 100} more`] : [], '')
}

function stateBlock ({ state }: Plan): string[] {
  const lines = (['reset', 'started', 'drained'] as const).flatMap((name) => state[name].length === 0 ? [] : [`- ${name}: ${state[name].slice(0, 20).map(code).join(', ')}${state[name].length > 20 ? ` and ${state[name].length - 20} more` : ''}`])
  return lines.length === 0 ? [] : [details('State on reload', [...lines, `- carried: ${state.carried.length}`])]
}

function footer ({ tool, base, head, proof }: Plan, link: string | undefined): string[] {
  const digest = (text: string | null): string => text === null ? 'none' : code(text.slice(0, 19))
  return ['', `<sub>gwc ${tool.version}; semantic digests ${digest(base.semantic)} → ${digest(head.semantic)}; ${proof.states.toLocaleString('en')} states, ${proof.witnesses} witnesses tried on both${link === undefined ? '' : `; [full plan](${link})`}</sub>`, '']
}

function details (summary: string, lines: readonly string[]): string {
  return ['<details>', `<summary>${summary}</summary>`, '', ...lines, '', '</details>', ''].join('\n')
}

/** What a config says is data here: no mention, no HTML, no table cell of its own. */
function escaped (text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#@~]/g, (char) => char === '@' ? '@\u200b' : char === '<' ? '&lt;' : char === '>' ? '&gt;' : `\\${char}`).replace(/[\r\n]+/g, ' ')
}

/** A code span whose fence is longer than any run of backticks in it. */
function code (text: string): string {
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
  return `${fence}${pad}${text.replace(/[\r\n]+/g, ' ')}${pad}${fence}`
}

function cell (text: string): string {
  return code(text.length > 300 ? `${text.slice(0, 300)}…` : text).replaceAll('|', '\\|')
}

function safeMarker (name: string): string {
  return name.replace(/[^\w.-]/g, '-').replace(/-{2,}/g, '-')
}
