import type { PlanCode } from '../codes.ts'
import type { Order } from '../difference.ts'
import type { Outcome } from '../outcomes.ts'
import type { Facet } from './facet.ts'

const texts: Readonly<Record<Outcome['reach'], string>> = {
  closed: 'no route', redirect: 'redirect to https', 'not-found': 'no route', 'method-not-allowed': 'no route', forward: 'forwarded'
}

/** Whether a request gets to an upstream, and what is answered if not. */
export const reach: Facet = ({ reach: before }, { reach: after }) => {
  // How a request that no route takes is refused depends on its neighbours, and is no change of its own.
  if (texts[before] === texts[after]) return undefined
  return { facet: 'reach', before: before === 'closed' ? 'no listener' : texts[before], after: after === 'closed' ? 'no listener' : after === 'not-found' ? '404' : after === 'method-not-allowed' ? '405' : texts[after], ...judge(before, after) }
}

function judge (before: Outcome['reach'], after: Outcome['reach']): { readonly order: Order, readonly code: PlanCode | undefined } {
  if (after === 'forward') return { order: 'weaker', code: 'W01' }
  if (before === 'forward' || before === 'redirect') {
    if (after === 'redirect') return { order: 'different', code: 'B07' }
    return { order: 'different', code: after === 'method-not-allowed' ? 'B02' : 'B01' }
  }
  return { order: 'different', code: undefined }
}
