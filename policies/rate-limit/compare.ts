import { milliseconds } from '../../schema/duration.ts'
import type { Comparison } from '../../schema/policy.ts'
import type { RateLimitOptions } from './options.ts'

/** A limit is stricter when it lets fewer requests through in every respect: at once and over time. Counts of different keys cannot be compared. */
export function compare (before: RateLimitOptions | undefined, after: RateLimitOptions | undefined): Comparison {
  if (before === undefined || after === undefined) return before === after ? 'equal' : before === undefined ? 'stricter' : 'looser'
  const sliding = isSliding(before)
  if (sliding !== isSliding(after) || keyOf(before) !== keyOf(after)) return 'incomparable'
  const rate = per(after.limit, after) * milliseconds(before.window) - per(before.limit, before) * milliseconds(after.window)
  const atOnce = sliding ? per(after.limit, after) - per(before.limit, before) : per(after.burst ?? after.limit, after) - per(before.burst ?? before.limit, before)
  const length = sliding ? milliseconds(before.window) - milliseconds(after.window) : rate
  const signs = [atOnce, length]
  if (signs.every((sign) => sign === 0)) return 'equal'
  if (signs.every((sign) => sign <= 0)) return 'stricter'
  return signs.every((sign) => sign >= 0) ? 'looser' : 'incomparable'
}

/** Requests that so many units are worth. */
function per (units: number, { cost = 1 }: RateLimitOptions): number {
  return units / cost
}

function isSliding ({ algorithm }: RateLimitOptions): boolean {
  return algorithm === 'sliding-window'
}

/** Header names are not case-sensitive. */
function keyOf ({ by = 'client-address' }: RateLimitOptions): string {
  return by.startsWith('header:') ? by.toLowerCase() : by
}
