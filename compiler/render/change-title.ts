import { planCodes } from '../plan/codes.ts'
import type { Change } from '../plan/plan.ts'

/** What a change is, in a few words: its codes, else why it is unknown, else what differs. */
export function changeTitle ({ codes, reason, facets }: Change): string {
  return codes.length === 0 ? reason ?? facets.map(({ facet }) => facet).join(', ') : codes.map((code) => `${code} ${planCodes[code]}`).join('; ')
}
