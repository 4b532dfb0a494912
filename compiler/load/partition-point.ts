/** The first of `length` positions for which `isBefore` does not hold; it holds for all that come before that one, and for none after. */
export function partitionPoint (length: number, isBefore: (position: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}
