import { canonicalJson, digest } from '../../schema/canonical.ts'
import type { AnyPolicy } from '../../schema/policy.ts'
import type { WalkBudget } from './class-walk.ts'
import type { PlanCode } from './codes.ts'
import { compareGateways } from './compare-gateways.ts'
import type { ChangeGroup, GatewayComparison } from './compare-gateways.ts'
import type { Difference } from './difference.ts'
import type { Change, ChangeKind, Plan, PlanNote, PlanSide, Region } from './plan.ts'
import { Regions } from './regions.ts'
import { ownerOf } from './side.ts'
import type { Side } from './side.ts'
import { forecastState } from './state-forecast.ts'
import { structuralCounts } from './structural.ts'
import { compareTcp } from './tcp-changes.ts'

/** What a plan is made from. */
export interface PlanInput {
  readonly before: Side
  readonly after: Side
  readonly base: PlanSide
  readonly head: PlanSide
  readonly registry: ReadonlyMap<string, AnyPolicy>
  readonly version: string
  readonly budget?: WalkBudget
}

/** Compares two gateways and says what changes for requests; every claim has been tried on both automata. Approvals are not looked at. */
export function makePlan ({ before, after, base, head, registry, version, budget }: PlanInput): Plan {
  const comparison = compareGateways(before, after, registry, budget)
  const regions = new Regions(comparison)
  const known = comparison.groups.map((group) => changeOf(group, regions, before, after))
  const connections = compareTcp(before, after)
  const tcp = connections.changes.map(({ differences, region, owners }) => ({ ...told(differences), facets: differences, regions: [{ ...region, witness: null }], ...ownedBy(owners), reason: null }))
  const unknown = unknownChanges(comparison, regions)
  const changes = [...known, ...tcp, ...unknown].sort(byWeight).map((change, index): Change => ({
    id: `c${index + 1}`, ...change, fingerprint: fingerprint(change), approval: { state: 'not-needed' }
  }))
  const witnesses = known.reduce((sum, { regions }) => sum + regions.length, 0)

  const count = (kind: ChangeKind): number => changes.filter((change) => change.kind === kind).length
  const total = comparison.counts.total + connections.classes
  const changed = comparison.counts.changed + connections.changes.length
  const undecided = unknown.reduce((sum, { regions }) => sum + regions.length, 0)
  const notes = notesOn(comparison.counts, before.bundle.routes.length, after.bundle.routes.length)
  return {
    formatVersion: '1.1',
    tool: { name: 'gwc', version },
    gateway: after.bundle.name,
    base,
    head,
    verdict: unknown.length > 0 ? 'unknown' : changes.length > 0 ? 'changed' : 'unchanged',
    needsApproval: false,
    summary: {
      weakening: count('weakening'), breaking: count('breaking'), other: count('other'), unknown: count('unknown'),
      classes: { total: total + undecided, changed, provedUnchanged: total - changed, unknown: undecided }
    },
    ...(notes.length === 0 ? {} : { notes }),
    changes,
    proof: { method: 'trie-product', states: comparison.walk.states, cells: comparison.walk.cells.length, budgetExceeded: unknown.length > 0, witnesses },
    state: forecastState(before.bundle, after.bundle, registry),
    structural: structuralCounts(before.bundle, after.bundle)
  }
}

/** A gateway this small changes as a whole now and then. */
const small = { classes: 20, routes: 10 }

/** Signs that something went wrong before the plan was made: a config that was cut off, an empty list, another environment. */
function notesOn ({ taken, takenChanged }: GatewayComparison['counts'], before: number, after: number): readonly PlanNote[] {
  const notes: PlanNote[] = []
  if (before >= small.routes && 2 * after < before) notes.push({ code: 'route-collapse', message: `${before - after} of ${before} routes are gone` })
  if (taken >= small.classes && 2 * takenChanged > taken) notes.push({ code: 'mass-change', message: `${Math.floor(100 * takenChanged / taken)} % of the classes of requests that had a route are treated otherwise` })
  return notes
}

type Undecided = Omit<Change, 'id' | 'fingerprint' | 'approval'>

function changeOf ({ differences, pairs }: ChangeGroup, regions: Regions, before: Side, after: Side): Undecided {
  const owners = pairs.flatMap((pair) => [ownerOfResult(before, pair.before), ownerOfResult(after, pair.after)])
  return { ...told(differences), facets: differences, regions: pairs.flatMap((pair) => regions.regions(pair)).sort(bySize), ...ownedBy(owners), reason: null }
}

function ownerOfResult (side: Side, result: number): string | undefined {
  const route = side.bundle.routes[result]
  return route === undefined ? undefined : ownerOf(side, 'route', route.id)
}

function ownedBy (owners: readonly (string | undefined)[]): Pick<Change, 'owners'> {
  const named = [...new Set(owners.filter((owner) => owner !== undefined))].sort()
  return named.length === 0 ? {} : { owners: named }
}

function told (differences: readonly Difference[]): { readonly kind: ChangeKind, readonly codes: readonly PlanCode[] } {
  const codes = [...new Set(differences.flatMap(({ code }) => code ?? []))].sort((a, b) => weakeningFirst(a) - weakeningFirst(b) || (a < b ? -1 : 1))
  return { codes, kind: codes[0] === undefined ? 'other' : codes[0].startsWith('W') ? 'weakening' : 'breaking' }
}

function weakeningFirst (code: PlanCode): number {
  return code.startsWith('W') ? 0 : 1
}

function unknownChanges ({ walk, unknownCells }: GatewayComparison, regions: Regions): readonly Undecided[] {
  const reasons = new Map<string, Region[]>()
  const note = (reason: string, region: Omit<Region, 'witness'>): void => {
    const list = reasons.get(reason) ?? []
    reasons.set(reason, [...list, { ...region, witness: null }])
  }
  for (const { hosts, reason } of walk.unknown) {
    note(reason, { listeners: [], hosts: hosts.places.map(({ host }) => host === '' ? 'any host' : host), methods: [], path: null, conditions: [], minus: [], before: null, after: null, because: reason, classes: 1 })
  }
  const reason = 'the conditions of these routes combine in more ways than are told apart'
  for (const cell of unknownCells) note(reason, regions.cellRegion(cell, reason))
  return [...reasons].map(([text, list]) => ({ kind: 'unknown', codes: [], facets: [], regions: list, reason: text }))
}

const kinds: readonly ChangeKind[] = ['weakening', 'breaking', 'unknown', 'other']

function byWeight (a: Undecided, b: Undecided): number {
  return kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || classesOf(b) - classesOf(a) || (textOf(a) < textOf(b) ? -1 : 1)
}

function bySize (a: Region, b: Region): number {
  return b.classes - a.classes || (canonicalJson([a.path, a.methods, a.hosts]) < canonicalJson([b.path, b.methods, b.hosts]) ? -1 : 1)
}

function classesOf ({ regions }: Undecided): number {
  return regions.reduce((sum, { classes }) => sum + classes, 0)
}

function textOf (change: Undecided): string {
  return canonicalJson([change.facets, change.regions.map(patternOf)])
}

/** What an approval is bound to: requests and what becomes of them, not who is asked, where it stands, or why. */
function fingerprint (change: Undecided): string {
  return digest(canonicalJson([change.codes, change.facets, change.reason, change.regions.map(patternOf).sort()]))
}

function patternOf ({ listeners, hosts, methods, path, conditions, minus }: Region): string {
  return canonicalJson([listeners, [...hosts].sort(), methods, path, conditions, minus])
}
