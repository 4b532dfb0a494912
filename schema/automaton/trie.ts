import { invariant } from '../invariant.ts'
import type { PathPattern, PathSegment } from '../path.ts'
import { literal, type Expression } from '../regex/expression.ts'
import { isRegexError, parseRegex } from '../regex/parse.ts'

const none = -1

/** A node of the trie of patterns: one pattern prefix. */
export interface TrieNode {
  /** Children under literal segments; the empty text is the segment after a trailing slash. */
  literals: Map<string, number> | undefined
  /** Children under constrained segments, by constraint. */
  constrained: Map<number, number> | undefined
  param: number
  rest: number
  /** This node takes the rest of the path: it stays alive whatever comes. */
  readonly isRest: boolean
  /** Routes whose pattern ends here, ascending. */
  routes: number[] | undefined
}

/** The patterns of all hosts as tries over one list of nodes. */
export class Trie {
  readonly nodes: TrieNode[] = []
  /** The languages of the constrained segments; a constraint is an index into it. */
  readonly constraints: Expression[] = []
  readonly #constraintIndex = new Map<string, number>()

  addRoot (): number {
    return this.#add(false)
  }

  insert (root: number, pattern: PathPattern, route: number): void {
    const node = this.nodes[pattern.segments.reduce((at, segment) => this.#child(at, segment), root)]!
    node.routes ??= []
    node.routes.push(route)
  }

  /** The routes whose pattern ends in one of these nodes, ascending. */
  routesAt (nodes: Int32Array): readonly number[] {
    const found: number[] = []
    for (const node of nodes) for (const route of this.nodes[node]!.routes ?? []) found.push(route)
    return found.length > 1 ? [...new Set(found)].sort((a, b) => a - b) : found
  }

  #add (isRest: boolean): number {
    return this.nodes.push({ literals: undefined, constrained: undefined, param: none, rest: none, isRest, routes: undefined }) - 1
  }

  #child (at: number, segment: PathSegment): number {
    const node = this.nodes[at]!
    switch (segment.kind) {
      case 'param': return node.param === none ? (node.param = this.#add(false)) : node.param
      case 'rest': return node.rest === none ? (node.rest = this.#add(true)) : node.rest
      case 'static': return this.#mapped(node.literals ??= new Map<string, number>(), segment.text)
      case 'constrained': return this.#mapped(node.constrained ??= new Map<number, number>(), this.#constraint(segment))
    }
  }

  #mapped<K> (children: Map<K, number>, key: K): number {
    let child = children.get(key)
    if (child === undefined) {
      child = this.#add(false)
      children.set(key, child)
    }
    return child
  }

  #constraint (segment: PathSegment & { kind: 'constrained' }): number {
    const key = JSON.stringify([segment.prefix, segment.suffix, segment.regex])
    let index = this.#constraintIndex.get(key)
    if (index === undefined) {
      index = this.constraints.push(constraintExpression(segment)) - 1
      this.#constraintIndex.set(key, index)
    }
    return index
  }
}

/** Without an expression of its own a parameter takes one character or more. */
function constraintExpression (segment: PathSegment & { kind: 'constrained' }): Expression {
  const value = parseRegex(segment.regex ?? '[^]+')
  invariant(!isRegexError(value), `the expression of ${segment.name} was accepted by parsePath`)
  return { kind: 'sequence', parts: [literal(segment.prefix), value, literal(segment.suffix)] }
}
