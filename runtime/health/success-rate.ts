import type { ResolvedEjection } from '../../schema/resolved.ts'

export interface Rate {
  readonly good: number
  readonly bad: number
}

/** Indices of those whose share of good answers is far below that of the others, with the reason. */
export function outliers (rates: readonly Rate[], { minTargets, minRequests, deviations }: NonNullable<ResolvedEjection['successRate']>): readonly { readonly index: number, readonly reason: string }[] {
  const known = rates.flatMap(({ good, bad }, index) => (good + bad >= minRequests ? [{ index, share: good / (good + bad) }] : []))
  if (known.length < minTargets) return []
  const mean = known.reduce((sum, { share }) => sum + share, 0) / known.length
  const deviation = Math.sqrt(known.reduce((sum, { share }) => sum + (share - mean) ** 2, 0) / known.length)
  const least = mean - deviations * deviation
  return known.flatMap(({ index, share }) => share < least ? [{ index, reason: `${(share * 100).toFixed(1)} % good answers, the others have ${(mean * 100).toFixed(1)} %` }] : [])
}
