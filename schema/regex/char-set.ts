/** A set of code points: sorted, disjoint, non-adjacent pairs [first, last, first, last, …]. */
export type CharSet = readonly number[]

export const maxCodePoint = 0x10ffff

/** The union of ranges given in any order, overlapping or not. */
export function charSet (ranges: readonly (readonly [first: number, last: number])[]): CharSet {
  const out: number[] = []
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const end = out.length - 1
    if (end > 0 && first <= out[end]! + 1) out[end] = Math.max(out[end]!, last)
    else out.push(first, last)
  }
  return out
}

export function pairs (set: CharSet): [number, number][] {
  return Array.from({ length: set.length / 2 }, (_, i) => [set[2 * i]!, set[2 * i + 1]!])
}

export function complement (set: CharSet): CharSet {
  const out: number[] = []
  let next = 0
  for (const [first, last] of pairs(set)) {
    if (first > next) out.push(next, first - 1)
    next = last + 1
  }
  if (next <= maxCodePoint) out.push(next, maxCodePoint)
  return out
}

export function charSetHas (set: CharSet, char: number): boolean {
  for (let i = 0; i < set.length; i += 2) if (char >= set[i]! && char <= set[i + 1]!) return true
  return false
}
