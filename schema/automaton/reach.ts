import type { Dfa } from '../regex/dfa.ts'
import { shortestText } from '../regex/shortest.ts'
import type { SegmentStates } from './segment-states.ts'
import { normalSegment, segmentCharacters } from './witness-language.ts'

/** A state in which the path of some request ends, with a shortest such path. */
export interface Reached {
  /** 0: every pattern has dropped out. */
  readonly state: number
  readonly path: string
}

/** The states that paths of requests end in, from one start state, nearest first; each once. */
export function reach (states: SegmentStates, start: number, shortest: ShortestSegments = new ShortestSegments()): readonly Reached[] {
  const found: Reached[] = []
  const ended = new Set<number>()
  const begun = new Set([start])
  const queue: Reached[] = [{ state: start, path: '' }]
  const end = (state: number, path: string): void => {
    if (ended.has(state)) return
    ended.add(state)
    found.push({ state, path })
  }
  for (const { state, path } of queue) {
    for (const [text, target] of successors(states, state, shortest)) {
      end(target, `${path}/${text}`)
      // An empty segment is the last one: normalised paths have no others.
      if (text === '' || target === 0 || begun.has(target)) continue
      begun.add(target)
      queue.push({ state: target, path: `${path}/${text}` })
    }
  }
  return found
}

/** Shortest segments of the classes of constraints. The same constraints stand at many places: their segments are looked for once. */
export class ShortestSegments {
  readonly #found = new Map<Dfa, Map<number, string | undefined>>()

  /** A shortest segment of this accept class that is none of `excluded`; undefined: there is none. */
  of (dfa: Dfa, accepted: number, excluded: readonly string[]): string | undefined {
    let classes = this.#found.get(dfa)
    if (classes === undefined) this.#found.set(dfa, classes = new Map())
    if (!classes.has(accepted)) classes.set(accepted, search(dfa, accepted, []))
    const text = classes.get(accepted)
    return text === undefined || !excluded.includes(text) ? text : search(dfa, accepted, excluded)
  }
}

function search (dfa: Dfa, accepted: number, excluded: readonly string[]): string | undefined {
  return shortestText([{ dfa, accepts: (acceptClass) => acceptClass === accepted }, normalSegment], excluded, segmentCharacters)
}

/** A segment for each successor that some request leads to. */
function * successors (states: SegmentStates, state: number, shortest: ShortestSegments): Iterable<readonly [text: string, target: number]> {
  const { texts, targets, empty, classifier, others } = states.edges[state]!
  for (const [i, text] of texts.entries()) yield [text, targets[i]!]
  if (classifier === undefined) yield [ordinarySegment(new Set(texts)), others[0]!]
  else {
    for (const [accepted, target] of others.entries()) {
      const text = shortest.of(classifier.dfa, accepted, texts)
      if (text !== undefined) yield [text, target]
    }
  }
  yield ['', empty]
}

function ordinarySegment (taken: ReadonlySet<string>): string {
  for (let i = 0; ; i++) {
    const text = i === 0 ? 'x' : `x${i}`
    if (!taken.has(text)) return text
  }
}
