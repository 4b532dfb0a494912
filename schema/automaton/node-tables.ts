import type { Layout } from './layout.ts'
import type { DfaTables } from './dfa-tables.ts'
import { inside, modes, type RadixNode } from './radix.ts'

/** Words in front of a node where a segment begins. */
const startWords = 5
/** Words of a node before its entries. */
const headWords = 2

/** Writes the radix nodes into one table, children behind their parents, so that a match walks forward through memory. */
export function nodeTable (layout: Layout, width: number, dfas: DfaTables): { readonly nodes: Int32Array, readonly offsetOf: (node: RadixNode) => number } {
  const order: RadixNode[] = []
  const offsets = new Map<RadixNode, number>()
  // Offset 0 stands for "no node".
  let length = 1
  const pending = [...layout.roots].reverse()
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (offsets.has(node)) continue
    const start = node.start === undefined ? 0 : startWords
    offsets.set(node, length + start)
    order.push(node)
    length += start + nodeWords(node)
    for (let i = node.children.length - 1; i >= 0; i--) pending.push(node.children[i]!.node)
    for (const { next } of node.start?.outcomes ?? []) if (next !== undefined) pending.push(next)
  }
  const pairs = order.reduce((sum, { start }) => sum + (start?.mode === modes.classify ? 2 * start.outcomes.length : 0), 0)
  const nodes = new Int32Array(length + pairs)
  const bytes = new Uint8Array(nodes.buffer)
  const offsetOf = (node: RadixNode | undefined): number => (node === undefined ? 0 : offsets.get(node)!)
  for (const node of order) {
    const at = offsetOf(node)
    const { label, children, start } = node
    const { first, range } = dispatch(node)
    nodes[at] = node.row === inside ? inside : node.row * width
    nodes[at + 1] = (start === undefined ? 0 : 1 << 31) | label.length << 16 | range << 8 | first
    for (const child of children) nodes[at + headWords + child.byte - first] = offsetOf(child.node)
    const text = (at + headWords + range) * 4
    for (let i = 0; i < label.length; i++) bytes[text + i] = label.charCodeAt(i)
    if (start === undefined) continue
    nodes[at - 1] = 2 * start.depth
    nodes[at - 2] = start.mode
    nodes[at - 5] = start.emptyRow * width
    if (start.mode === modes.absorb || start.mode === modes.skip) {
      nodes[at - 3] = start.outcomes[0]!.row * width
      nodes[at - 4] = offsetOf(start.outcomes[0]!.next)
    } else if (start.mode === modes.classify) {
      nodes[at - 3] = length
      nodes[at - 4] = dfas.offset(layout.dfas[start.dfa]!)
      for (const { row, next } of start.outcomes) {
        nodes[length++] = row * width
        nodes[length++] = offsetOf(next)
      }
    }
  }
  return { nodes, offsetOf }
}

function dispatch ({ children }: RadixNode): { first: number, range: number } {
  if (children.length === 0) return { first: 0, range: 0 }
  const first = children[0]!.byte
  return { first, range: children.at(-1)!.byte - first + 1 }
}

function nodeWords (node: RadixNode): number {
  return headWords + dispatch(node).range + Math.ceil(node.label.length / 4)
}
