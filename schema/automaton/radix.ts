/** In place of a row: no literal segment ends at the node, so a path that does is decided as a segment that is no literal. */
export const inside = -1

/** What a text leads to: a decision when the path ends after it, or the node where the next segment begins. */
export interface RadixEntry {
  readonly text: string
  readonly row: number
  readonly to: RadixNode | undefined
}

/** A node of the compressed radix tree over the bytes of a path; it becomes a record in the automaton's table. */
export interface RadixNode {
  /** Bytes on the way here from the parent, after the one that the parent dispatches on. */
  label: string
  /** Row of decisions when the path ends here, or `inside`. */
  row: number
  /** Sorted by byte. */
  readonly children: { readonly byte: number, readonly node: RadixNode }[]
  /** Only where a segment begins: what to do when it is no literal one. */
  readonly start: SegmentStart | undefined
}

/** Ways to go on when a segment is none of the literal ones. */
export const modes = { dead: 0, absorb: 1, skip: 2, classify: 3 } as const

export interface SegmentStart {
  readonly depth: number
  readonly mode: (typeof modes)[keyof typeof modes]
  /** Index of the byte automaton, in mode `classify`. */
  readonly dfa: number
  /** `absorb`: the row that decides. `skip`: one row and where the next segment begins. `classify`: the same for each class. */
  readonly outcomes: { readonly row: number, next: RadixNode | undefined }[]
  /** Row for an empty segment inside the path. */
  readonly emptyRow: number
}

const maxLabel = 16_000

/** Hangs the entries below `root`. A node that several entries lead to is reached by its slash alone, since it can have one label only. */
export function growRadix (root: RadixNode, entries: readonly RadixEntry[], isShared: (node: RadixNode) => boolean): void {
  const sorted = [...entries].sort((a, b) => (a.text < b.text ? -1 : 1))
  // Entries [from, to) agree in their first `depth` bytes, which lead to `node`.
  const pending = [{ node: root, from: 0, to: sorted.length, depth: 0 }]
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    for (let from = item.from; from < item.to;) {
      const first = sorted[from]!
      const byte = first.text.charCodeAt(item.depth)
      let to = from + 1
      while (to < item.to && sorted[to]!.text.charCodeAt(item.depth) === byte) to++
      const end = Math.min(sharedLength(first.text, sorted[to - 1]!.text), item.depth + maxLabel)
      const leaf = to - from === 1 && end === first.text.length
      if (leaf && first.to !== undefined && (end === item.depth + 1 || !isShared(first.to))) {
        first.to.label = first.text.slice(item.depth + 1)
        item.node.children.push({ byte, node: first.to })
      } else {
        const stop = leaf && first.to !== undefined ? end - 1 : end
        const ends = first.text.length === stop
        const node: RadixNode = { label: first.text.slice(item.depth + 1, stop), row: ends ? first.row : inside, children: [], start: undefined }
        item.node.children.push({ byte, node })
        if (ends ? to > from + 1 : true) pending.push({ node, from: ends ? from + 1 : from, to, depth: stop })
      }
      from = to
    }
  }
}

/** Sorted neighbours: what the first and the last have in common, all between have. */
function sharedLength (a: string, b: string): number {
  const limit = Math.min(a.length, b.length)
  let length = 0
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}
