import type { Place } from '../../schema/diagnostic.ts'
import { parseJson } from '../load/json.ts'
import { partitionPoint } from '../load/partition-point.ts'
import type { JsonMember, JsonNode } from '../load/json.ts'
import type { Span } from '../locate.ts'
import { literalOffset } from './literal-offset.ts'

const parsed = new Map<string, ReturnType<typeof parseJson>>()

/** The range of a place in a JSON text. An origin is the beginning of an object or array; in a text that cannot be parsed it is a character. */
export function locateInJson (text: string, offset: number, { pointer = [], part }: Place): Span {
  let root = parsed.get(text)
  if (root === undefined) {
    parsed.clear()
    parsed.set(text, root = parseJson(text))
  }
  const character = { start: offset, end: Math.min(offset + 1, text.length) }
  if ('message' in root) return character
  const origin = nodeAt(root, offset)
  if (origin === undefined) return nameAt(text, offset) ?? character
  let node = origin
  let name: Span = node
  for (const key of pointer) {
    const member: JsonMember | undefined = node.kind === 'object' ? node.members.find((each) => each.key === String(key)) : undefined
    const inner: JsonNode | undefined = node.kind === 'array' ? node.elements[Number(key)] : member?.value
    if (inner === undefined) break
    name = member === undefined ? inner : { start: member.keyStart, end: member.keyEnd }
    node = inner
  }
  if (part === 'name') return { start: name.start, end: name.end }
  if (typeof part === 'number' && node.kind === 'value' && typeof node.value === 'string') return literalOffset(text, node, part)
  // A whole object says nothing by its extent; its brace marks the spot.
  return node.kind === 'value' ? { start: node.start, end: node.end } : { start: node.start, end: node.start + 1 }
}

/** The outermost value that begins at an offset. */
function nodeAt (node: JsonNode, offset: number): JsonNode | undefined {
  if (node.start === offset) return node
  if (offset < node.start || offset >= node.end || node.kind === 'value') return undefined
  const inner = node.kind === 'array' ? node.elements : node.members.map(({ value }) => value)
  const around = inner[partitionPoint(inner.length, (at) => inner[at]!.end <= offset)]
  return around === undefined ? undefined : nodeAt(around, offset)
}

/** An origin may also be the name of a member. */
function nameAt (text: string, offset: number): Span | undefined {
  const name = /"(?:[^"\\]|\\.)*"/y
  name.lastIndex = offset
  const found = name.exec(text)
  return found === null ? undefined : { start: offset, end: offset + found[0].length }
}
