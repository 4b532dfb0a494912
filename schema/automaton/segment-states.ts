import { determinise, isTooLarge, runDfa, type Dfa } from '../regex/dfa.ts'
import { NodeSets } from './node-set.ts'
import { Overflow } from './overflow.ts'
import type { Trie, TrieNode } from './trie.ts'

/** The automaton for the constraints that live side by side at one position. */
export interface SegmentClassifier {
  /** Constraints of the trie, in the order of the automaton's expressions. */
  readonly constraints: readonly number[]
  readonly dfa: Dfa
}

/** What a state does with the next segment of the path; successors are states, 0 is the dead one. */
export interface SegmentEdges {
  /** Literal segments, not the empty one, and their successors side by side. */
  readonly texts: readonly string[]
  readonly targets: readonly number[]
  /** Successor under the empty segment. */
  readonly empty: number
  /** Tells the classes of other segments apart; undefined when there is only one. */
  readonly classifier: SegmentClassifier | undefined
  /** Successors under any other segment, by the classifier's accept class. */
  readonly others: readonly number[]
}

export interface SegmentStates {
  readonly trie: Trie
  readonly sets: NodeSets
  /** By state. */
  readonly edges: readonly SegmentEdges[]
  /** Start states, in the order of the roots. */
  readonly starts: readonly number[]
}

export interface StateBudget { readonly states: number, readonly classes: number }

const noTexts: readonly string[] = []
const noTargets: readonly number[] = []
const toDead: readonly number[] = [0]
const dead: SegmentEdges = { texts: noTexts, targets: noTargets, empty: 0, classifier: undefined, others: toDead }

/** Makes the tries deterministic, segment by segment: a state is the set of trie nodes alive after the segments read so far. */
export function determiniseTrie (trie: Trie, roots: readonly number[], budget: StateBudget): SegmentStates {
  const sets = new NodeSets()
  const starts = roots.map((root) => sets.intern([root], 1))
  const edges: SegmentEdges[] = [dead]
  const classifierOf = classifierCache(trie, budget)
  let literalEdges = 0
  for (let state = 1; state < sets.size; state++) {
    const step = new Step(trie, sets, state, classifierOf)
    edges.push(step.edges())
    literalEdges += edges[state]!.texts.length
    if (sets.size > budget.states || literalEdges > 10 * budget.states) {
      throw new Overflow(`the patterns of these routes overlap in too many ways: telling them apart takes more than ${budget.states.toLocaleString('en')} states`, routesUnder(trie, largestSet(sets)))
    }
  }
  return { trie, sets, edges, starts }
}

/** `children` are the trie nodes under these constraints. */
type ClassifierOf = (constraints: readonly number[], children: readonly number[]) => SegmentClassifier

function classifierCache (trie: Trie, budget: StateBudget): ClassifierOf {
  const known = new Map<string, SegmentClassifier>()
  return (constraints, children) => {
    const key = constraints.join()
    let classifier = known.get(key)
    if (classifier === undefined) {
      const dfa = determinise(constraints.map((constraint) => trie.constraints[constraint]!))
      if (isTooLarge(dfa)) throw new Overflow('the constraints of these routes at one position need more than 10,000 states together', routesUnder(trie, children))
      if (dfa.accepts.length > budget.classes) throw new Overflow(`the constraints of these routes at one position tell more than ${budget.classes} classes of segments apart`, routesUnder(trie, children))
      classifier = { constraints, dfa }
      known.set(key, classifier)
    }
    return classifier
  }
}

/** The successors of one state. */
class Step {
  readonly #sets: NodeSets
  readonly #nodes: readonly TrieNode[]
  /** Alive after any segment that is not empty. */
  readonly #always: number[] = []
  /** Alive after any segment at all. */
  readonly #rests: number[] = []
  /** Children under constraints, by constraint. */
  readonly #constrained = new Map<number, number[]>()
  readonly #classifier: SegmentClassifier | undefined

  constructor (trie: Trie, sets: NodeSets, state: number, classifierOf: ClassifierOf) {
    this.#sets = sets
    const live = sets.nodes(state)
    this.#nodes = Array.from(live, (index) => trie.nodes[index]!)
    for (const [i, node] of this.#nodes.entries()) {
      if (node.isRest) this.#rests.push(live[i]!)
      if (node.rest >= 0) this.#rests.push(node.rest)
      if (node.param >= 0) this.#always.push(node.param)
      if (node.constrained !== undefined) {
        for (const [constraint, child] of node.constrained) {
          const children = this.#constrained.get(constraint)
          if (children === undefined) this.#constrained.set(constraint, [child])
          else children.push(child)
        }
      }
    }
    this.#always.push(...this.#rests)
    if (this.#constrained.size > 0) this.#classifier = classifierOf([...this.#constrained.keys()].sort((a, b) => a - b), [...this.#constrained.values()].flat())
  }

  edges (): SegmentEdges {
    const texts: string[] = []
    const targets: number[] = []
    let empty = this.#intern(this.#rests)
    for (const [text, children] of this.#literals()) {
      if (text === '') empty = this.#intern([...children, ...this.#rests])
      else {
        texts.push(text)
        targets.push(this.#intern([...children, ...this.#constrainedBy(text), ...this.#always]))
      }
    }
    const classifier = this.#classifier
    const others = classifier === undefined
      ? this.#always.length === 0 ? toDead : [this.#intern(this.#always)]
      : classifier.dfa.accepts.map((accepted) => this.#intern([...this.#accepted(accepted), ...this.#always]))
    return { texts: texts.length === 0 ? noTexts : texts, targets: texts.length === 0 ? noTargets : targets, empty, classifier, others }
  }

  #literals (): Map<string, number[]> {
    const found = new Map<string, number[]>()
    for (const node of this.#nodes) {
      if (node.literals === undefined) continue
      for (const [text, child] of node.literals) {
        const children = found.get(text)
        if (children === undefined) found.set(text, [child])
        else children.push(child)
      }
    }
    return found
  }

  #constrainedBy (text: string): readonly number[] {
    return this.#classifier === undefined ? noTargets : this.#accepted(this.#classifier.dfa.accepts[runDfa(this.#classifier.dfa, text)]!)
  }

  #accepted (accepted: readonly number[]): readonly number[] {
    return accepted.flatMap((expression) => this.#constrained.get(this.#classifier!.constraints[expression]!)!)
  }

  #intern (nodes: number[]): number {
    // Insertion sort: the lists are short and nearly sorted.
    for (let i = 1; i < nodes.length; i++) {
      const node = nodes[i]!
      let at = i - 1
      while (at >= 0 && nodes[at]! > node) nodes[at + 1] = nodes[at--]!
      nodes[at + 1] = node
    }
    return this.#sets.intern(nodes, nodes.length)
  }
}

export function largestSet (sets: NodeSets): readonly number[] {
  let largest = 0
  for (let set = 1; set < sets.size; set++) if (sets.nodes(set).length > sets.nodes(largest).length) largest = set
  return Array.from(sets.nodes(largest))
}

const routesNamed = 20

/** Some routes of each of these nodes and what is below them: enough to know which patterns are meant. */
export function routesUnder (trie: Trie, nodes: readonly number[]): readonly number[] {
  const found = new Set<number>()
  const pending = [...nodes]
  for (let i = 0; i < pending.length && found.size < routesNamed; i++) {
    const node = trie.nodes[pending[i]!]!
    for (const route of node.routes ?? []) found.add(route)
    pending.push(...[...node.literals?.values() ?? [], ...node.constrained?.values() ?? [], node.param, node.rest].filter((child) => child >= 0))
  }
  return [...found].sort((a, b) => a - b).slice(0, routesNamed)
}
