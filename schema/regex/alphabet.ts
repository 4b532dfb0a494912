import { charSetHas, maxCodePoint, type CharSet } from './char-set.ts'

/** Code points that no set tells apart share a class: the automaton's tables have a column a class. */
export interface Alphabet {
  readonly size: number
  /** Class of the code points 0 to 255. */
  readonly narrow: Uint8Array
  /** The others as [first, last, class, …], sorted, without gaps. */
  readonly wide: readonly number[]
}

/** The coarsest alphabet for these sets, with the classes of each set; undefined when there are more than 256. */
export function alphabetOf (sets: readonly CharSet[]): { readonly alphabet: Alphabet, readonly classes: ReadonlyMap<CharSet, readonly number[]> } | undefined {
  const cuts = [...new Set([0, 256, ...sets.flatMap((set) => set.map((bound, i) => bound + i % 2))])].filter((cut) => cut <= maxCodePoint).sort((a, b) => a - b)
  const bySignature = new Map<string, number>()
  const narrow = new Uint8Array(256)
  const wide: number[] = []
  const classes = new Map<CharSet, number[]>(sets.map((set) => [set, []]))
  for (const [i, first] of cuts.entries()) {
    const last = (cuts[i + 1] ?? maxCodePoint + 1) - 1
    const members = sets.filter((set) => charSetHas(set, first))
    const signature = members.map((set) => sets.indexOf(set)).join()
    let index = bySignature.get(signature)
    if (index === undefined) {
      index = bySignature.size
      if (index > 255) return undefined
      bySignature.set(signature, index)
      for (const set of members) classes.get(set)!.push(index)
    }
    if (first < 256) narrow.fill(index, first, Math.min(last, 255) + 1)
    else if (wide.length > 0 && wide.at(-1) === index) wide[wide.length - 2] = last
    else wide.push(first, last, index)
  }
  return { alphabet: { size: bySignature.size, narrow, wide }, classes }
}

/** Class of a code point. */
export function classOf (alphabet: Alphabet, char: number): number {
  if (char < 256) return alphabet.narrow[char]!
  for (let i = 0; i < alphabet.wide.length; i += 3) if (char <= alphabet.wide[i + 1]!) return alphabet.wide[i + 2]!
  return 0
}

/** The same alphabet after classes have been merged: `merged[old]` is the new class. */
export function mergeClasses (alphabet: Alphabet, merged: readonly number[]): Alphabet {
  const wide: number[] = []
  for (let i = 0; i < alphabet.wide.length; i += 3) {
    const index = merged[alphabet.wide[i + 2]!]!
    if (wide.length > 0 && wide.at(-1) === index) wide[wide.length - 2] = alphabet.wide[i + 1]!
    else wide.push(alphabet.wide[i]!, alphabet.wide[i + 1]!, index)
  }
  return { size: Math.max(...merged) + 1, narrow: alphabet.narrow.map((old) => merged[old]!), wide }
}
