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
export function reach (states: SegmentStates, start: number): readonly Reached[] {
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
    for (const [text, target] of successors(states, state)) {
      end(target, `${path}/${text}`)
      // An empty segment is the last one: normalised paths have no others.
      if (text === '' || target === 0 || begun.has(target)) continue
      begun.add(target)
      queue.push({ state: target, path: `${path}/${text}` })
    }
  }
  return found
}

/** A segment for each successor that some request leads to. */
function * successors (states: SegmentStates, state: number): Iterable<readonly [text: string, target: number]> {
  const { texts, targets, empty, classifier, others } = states.edges[state]!
  for (const [i, text] of texts.entries()) yield [text, targets[i]!]
  if (classifier === undefined) yield [ordinarySegment(new Set(texts)), others[0]!]
  else {
    for (const [accepted, target] of others.entries()) {
      const text = shortestText([{ dfa: classifier.dfa, accepts: (acceptClass) => acceptClass === accepted }, normalSegment], texts, segmentCharacters)
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
