import { alphabetOf, classOf, type Alphabet } from './alphabet.ts'
import type { CharSet } from './char-set.ts'
import type { Expression } from './expression.ts'
import { minimise } from './minimise.ts'
import { buildNfa, type Nfa } from './nfa.ts'

/** A deterministic automaton over code points that tells which of several expressions match a text. It starts in state 0 and is total. */
export interface Dfa {
  readonly alphabet: Alphabet
  readonly states: number
  /** Successor of state `s` under class `c` at `s * alphabet.size + c`. */
  readonly next: Int32Array
  /** Per state: index into `accepts` of what matches the text read so far. */
  readonly accept: Int32Array
  /** The sets of expressions (by index, ascending) that match some text together and without the others; the first is the empty set. */
  readonly accepts: readonly (readonly number[])[]
}

/** The expressions need more states than anybody should pay for. */
export interface TooLarge { readonly tooLarge: true }

export function isTooLarge (built: Dfa | TooLarge): built is TooLarge {
  return 'tooLarge' in built
}

const limits = { nfaStates: 50_000, states: 10_000, work: 1_000_000 } as const

/** The smallest deterministic automaton for all expressions at once. */
export function determinise (expressions: readonly Expression[]): Dfa | TooLarge {
  const nfa = buildNfa(expressions, limits.nfaStates)
  const subsets = nfa === undefined ? undefined : subsetConstruction(nfa)
  return subsets === undefined ? { tooLarge: true } : minimise(subsets)
}

function subsetConstruction (nfa: Nfa): Dfa | undefined {
  const { sets, canonical } = distinctSets(nfa)
  const found = alphabetOf(sets)
  if (found === undefined) return undefined
  const { alphabet, classes } = found
  const subsets: (readonly number[])[] = []
  const index = new Map<string, number>()
  const accepts: (readonly number[])[] = [[]]
  const acceptIndex = new Map<string, number>([['', 0]])
  const accept: number[] = []
  const next: number[] = []
  let work = 0

  const stateOf = (seeds: readonly number[]): number => {
    const subset = closure(nfa, seeds)
    work += subset.length + 1
    const key = subset.join()
    const known = index.get(key)
    if (known !== undefined) return known
    const labels = [...new Set(subset.map((state) => nfa.labels[state]!).filter((label) => label >= 0))].sort((a, b) => a - b)
    let acceptance = acceptIndex.get(labels.join())
    if (acceptance === undefined) {
      acceptance = accepts.push(labels) - 1
      acceptIndex.set(labels.join(), acceptance)
    }
    accept.push(acceptance)
    index.set(key, subsets.length)
    return subsets.push(subset) - 1
  }

  stateOf(nfa.starts)
  for (let state = 0; state < subsets.length; state++) {
    const targets: number[][] = Array.from({ length: alphabet.size }, () => [])
    for (const member of subsets[state]!) {
      const reads = nfa.reads[member]
      if (reads != null) for (const c of classes.get(canonical.get(reads)!)!) targets[c]!.push(nfa.successors[member]![0]!)
    }
    for (const target of targets) next.push(stateOf(target))
    if (subsets.length > limits.states || work > limits.work) return undefined
  }
  return { alphabet, states: subsets.length, next: Int32Array.from(next), accept: Int32Array.from(accept), accepts }
}

function distinctSets (nfa: Nfa): { sets: CharSet[], canonical: Map<CharSet, CharSet> } {
  const byText = new Map<string, CharSet>()
  const canonical = new Map<CharSet, CharSet>()
  for (const set of nfa.reads) {
    if (set === null || canonical.has(set)) continue
    const text = set.join()
    if (!byText.has(text)) byText.set(text, set)
    canonical.set(set, byText.get(text)!)
  }
  return { sets: [...byText.values()], canonical }
}

/** All states reached without reading, those that read or end, ascending. */
function closure (nfa: Nfa, seeds: readonly number[]): readonly number[] {
  const seen = new Set(seeds)
  for (const state of seen) if (nfa.reads[state] === null) for (const successor of nfa.successors[state]!) seen.add(successor)
  return [...seen].filter((state) => nfa.reads[state] !== null || nfa.labels[state]! >= 0).sort((a, b) => a - b)
}

/** Which expressions match the text: index into `accepts`. */
export function runDfa (dfa: Dfa, text: string): number {
  let state = 0
  for (const char of text) state = dfa.next[state * dfa.alphabet.size + classOf(dfa.alphabet, char.codePointAt(0)!)]!
  return dfa.accept[state]!
}
