import type { PlanCode } from '../plan/codes.ts'
import type { Approval, Change, Plan } from '../plan/plan.ts'

/** One line of `.gateway/approvals.json`: somebody has looked at a change and wants it. */
export interface ApprovalRecord {
  /** Of the change; another region, code or facet has another. */
  readonly fingerprint: string
  readonly codes: readonly PlanCode[]
  /** What was approved, for people who read the file. */
  readonly what: string
  readonly reason: string
  readonly by: string
  /** Day: `2026-11-27`. */
  readonly approved: string
  /** Last day on which it holds, or null: as long as the change is in a plan. */
  readonly expires: string | null
}

/** Which changes have to be approved. */
export type Requirement = 'never' | 'weakening' | 'breaking' | 'any-change'

/** Where approvals are, relative to the config's folder. */
export const approvalsFile = '.gateway/approvals.json'

/** Reads the file's text; a string says what is wrong with it. */
export function parseApprovals (text: string): readonly ApprovalRecord[] | string {
  let records: unknown
  try {
    records = JSON.parse(text)
  } catch (error) {
    return `not JSON: ${(error as Error).message}`
  }
  if (!Array.isArray(records)) return 'a list of approvals is expected'
  const wrong = records.findIndex((record: Partial<ApprovalRecord> | null) => record === null || typeof record !== 'object' || !/^sha256:[0-9a-f]{64}$/.test(record.fingerprint ?? '') ||
    typeof record.by !== 'string' || typeof record.reason !== 'string' || record.reason === '' || !(record.expires === null || isDay(record.expires)))
  return wrong < 0 ? records as readonly ApprovalRecord[] : `approval ${wrong + 1} lacks a fingerprint, by, reason or expires (a day or null)`
}

export function isDay (text: unknown): text is string {
  return typeof text === 'string' && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
}

/** The plan with what has been approved; `today` is a day. Also the records of changes that it does not have. */
export function approve (plan: Plan, records: readonly ApprovalRecord[], requirement: Requirement, today: string): { readonly plan: Plan, readonly unused: readonly ApprovalRecord[] } {
  const byFingerprint = new Map(records.map((record) => [record.fingerprint, record]))
  const changes = plan.changes.map((change): Change => ({ ...change, approval: needsApproval(change, requirement) ? approvalOf(byFingerprint.get(change.fingerprint), today) : { state: 'not-needed' } }))
  const present = new Set(changes.map(({ fingerprint }) => fingerprint))
  return {
    plan: { ...plan, changes, needsApproval: changes.some(({ approval }) => approval.state === 'missing' || approval.state === 'expired') },
    unused: records.filter(({ fingerprint }) => !present.has(fingerprint))
  }
}

/** What cannot be told must be looked at like a weakening. */
function needsApproval ({ kind }: Change, requirement: Requirement): boolean {
  switch (requirement) {
    case 'never': return false
    case 'weakening': return kind === 'weakening' || kind === 'unknown'
    case 'breaking': return kind !== 'other'
    case 'any-change': return true
  }
}

function approvalOf (record: ApprovalRecord | undefined, today: string): Approval {
  if (record === undefined) return { state: 'missing' }
  const { by, reason, expires } = record
  return { state: expires !== null && expires < today ? 'expired' : 'approved', by, reason, expires }
}
