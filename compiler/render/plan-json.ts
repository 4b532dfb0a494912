import type { Plan } from '../plan/plan.ts'

/** A plan for programs; `plan.schema.json` in this folder describes the form. Readers ignore members they do not know; a new major version may change any. */
export function planJson (plan: Plan): string {
  return `${JSON.stringify(plan, null, 2)}\n`
}

/** Reads what `planJson` wrote; a string says why it is no plan. */
export function readPlan (text: string): Plan | string {
  let plan: unknown
  try {
    plan = JSON.parse(text)
  } catch (error) {
    return `not JSON: ${(error as Error).message}`
  }
  if (typeof plan !== 'object' || plan === null) return 'not a plan'
  const { formatVersion, changes, summary } = plan as Partial<Plan>
  if (typeof formatVersion !== 'string' || !Array.isArray(changes) || typeof summary !== 'object') return 'not a plan'
  if (!(formatVersion as string).startsWith('1.')) return `the plan has format ${formatVersion}, this version of gwc reads 1`
  return plan as Plan
}
