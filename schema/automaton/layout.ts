import { runDfa, type Dfa } from '../regex/dfa.ts'
import { growRadix, modes, type RadixEntry, type RadixNode, type SegmentStart } from './radix.ts'
import type { SegmentEdges, SegmentStates } from './segment-states.ts'

/** The automaton as nodes that refer to each other: what remains is to write them down. */
export interface Layout {
  /** In the order of the start states. */
  readonly roots: readonly RadixNode[]
  readonly dfas: readonly Dfa[]
  /** One more than the depth of any segment that a parameter can stand in. */
  readonly depths: number
}

/** Turns segment states into radix nodes over bytes. `rowOf` is the row of decisions for a path that ends in a state; 0 has no candidates. */
export function layOut (states: SegmentStates, rowOf: (state: number) => number): Layout {
  return new LayoutBuilder(states, rowOf).build()
}

class LayoutBuilder {
  readonly #states: SegmentStates
  readonly #rowOf: (state: number) => number
  readonly #nodes = new Map<number, RadixNode>()
  readonly #queue: number[] = []
  readonly #dfas: Dfa[] = []
  readonly #dfaIndex = new Map<Dfa, number>()
  readonly #depth: Int32Array
  /** How many literal segments lead to a state. */
  readonly #literalParents: Int32Array
  /** States that something else than a literal segment leads to. */
  readonly #otherParents: Uint8Array
  readonly #shared = new Set<RadixNode>()

  constructor (states: SegmentStates, rowOf: (state: number) => number) {
    this.#states = states
    this.#rowOf = rowOf
    this.#depth = new Int32Array(states.edges.length).fill(-1)
    this.#literalParents = new Int32Array(states.edges.length)
    this.#otherParents = new Uint8Array(states.edges.length)
  }

  build (): Layout {
    const { starts } = this.#states
    const depths = this.#measure()
    const roots = starts.map((state) => this.#start(state))
    for (const state of this.#queue) {
      const node = this.#nodes.get(state)!
      growRadix(node, this.#entries(state, state), (target) => this.#shared.has(target))
      // What follows a segment is laid out only where something can follow.
      if (node.start!.mode === modes.skip || node.start!.mode === modes.classify) {
        for (const [i, target] of this.#states.edges[state]!.others.entries()) if (this.#goesOn(target)) node.start!.outcomes[i]!.next = this.#start(target)
      }
    }
    return { roots, dfas: this.#dfas, depths }
  }

  /** Depths and numbers of parents of all states; returns the number of depths. */
  #measure (): number {
    const { edges, starts } = this.#states
    const queue: number[] = []
    const reach = (state: number, depth: number): void => {
      if (state === 0 || this.#depth[state]! >= 0) return
      this.#depth[state] = depth
      queue.push(state)
    }
    for (const state of starts) {
      reach(state, 0)
      this.#otherParents[state] = 1
    }
    for (const state of queue) {
      const depth = this.#depth[state]! + 1
      for (const target of edges[state]!.targets) {
        reach(target, depth)
        this.#literalParents[target]!++
      }
      for (const target of [edges[state]!.empty, ...edges[state]!.others]) {
        reach(target, depth)
        this.#otherParents[target] = 1
      }
    }
    const depths = queue.reduce((most, state) => Math.max(most, this.#depth[state]! + 1), 1)
    // A state of rests only is reached at several depths; the place it notes must harm no other.
    for (const state of queue) if (this.#isAbsorbing(state)) this.#depth[state] = depths
    return depths + 1
  }

  /** The node where the segment after `state` begins. */
  #start (state: number): RadixNode {
    let node = this.#nodes.get(state)
    if (node === undefined) {
      node = { label: '', row: this.#rowOf(this.#states.edges[state]!.empty), children: [], start: this.#segmentStart(state) }
      this.#nodes.set(state, node)
      if (this.#literalParents[state]! > 1) this.#shared.add(node)
      this.#queue.push(state)
    }
    return node
  }

  #segmentStart (state: number): SegmentStart {
    const { others, classifier, empty } = this.#states.edges[state]!
    const mode = this.#mode(state)
    return {
      depth: this.#depth[state]!,
      mode,
      dfa: classifier === undefined ? -1 : this.#dfa(classifier.dfa),
      outcomes: mode === modes.dead ? [] : others.map((target) => ({ row: this.#rowOf(target), next: undefined })),
      emptyRow: this.#rowOf(this.#states.edges[empty]!.others[0]!)
    }
  }

  #mode (state: number): SegmentStart['mode'] {
    const { others, classifier } = this.#states.edges[state]!
    if (classifier !== undefined) return modes.classify
    return others[0] === 0 ? modes.dead : this.#isAbsorbing(others[0]!) ? modes.absorb : modes.skip
  }

  #dfa (dfa: Dfa): number {
    let index = this.#dfaIndex.get(dfa)
    if (index === undefined) {
      index = this.#dfas.push(dfa) - 1
      this.#dfaIndex.set(dfa, index)
    }
    return index
  }

  /** All literal texts after `state` with what they lead to, those of following segments included where a miss there ends as it does at `home`. */
  #entries (state: number, home: number): RadixEntry[] {
    const edges = this.#states.edges[state]!
    const entries: RadixEntry[] = []
    for (const [i, text] of edges.texts.entries()) {
      const target = edges.targets[i]!
      const row = this.#rowOf(target)
      if (row !== this.#missRow(edges, text)) entries.push({ text, row, to: undefined })
      if (!this.#goesOn(target)) continue
      if (!this.#mayMerge(target, home)) entries.push({ text: `${text}/`, row: 0, to: this.#start(target) })
      else {
        const afterSlash = this.#rowOf(this.#states.edges[target]!.empty)
        if (afterSlash !== this.#missRow(edges, '')) entries.push({ text: `${text}/`, row: afterSlash, to: undefined })
        for (const entry of this.#entries(target, home)) entries.push({ ...entry, text: `${text}/${entry.text}` })
      }
    }
    return entries
  }

  /** The row for a path that ends after this segment, were it not a literal one. */
  #missRow (edges: SegmentEdges, text: string): number {
    return this.#rowOf(edges.others[edges.classifier === undefined ? 0 : runDfa(edges.classifier.dfa, text)]!)
  }

  /** A segment that misses all literal ones ends the match in `target` as it does at `home`, and nothing else leads to `target`. */
  #mayMerge (target: number, home: number): boolean {
    const mode = this.#mode(home)
    return (mode === modes.dead || mode === modes.absorb) && this.#mode(target) === mode &&
      this.#states.edges[target]!.others[0] === this.#states.edges[home]!.others[0] &&
      this.#literalParents[target] === 1 && this.#otherParents[target] === 0
  }

  #goesOn (state: number): boolean {
    const { texts, others, empty } = this.#states.edges[state]!
    return texts.length > 0 || empty !== 0 || others.some((target) => target !== 0)
  }

  #isAbsorbing (state: number): boolean {
    return state !== 0 && this.#states.sets.nodes(state).every((node) => this.#states.trie.nodes[node]!.isRest)
  }
}
