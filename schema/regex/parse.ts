import { RegExpParser, RegExpSyntaxError, type AST } from '@eslint-community/regexpp'
import { charSet, complement, pairs, type CharSet } from './char-set.ts'
import { nothing, type Expression } from './expression.ts'

/** Why a text is no regular expression of the linear class. */
export interface RegexError {
  readonly message: string
  /** Offset into the text. */
  readonly at: number
}

export function isRegexError (parsed: Expression | RegexError): parsed is RegexError {
  return 'message' in parsed
}

/**
 * Parses an expression with the meaning that JavaScript gives it under the `u` flag, always for the whole text: an outer `^` or `$` is
 * redundant and allowed. What a finite automaton cannot decide, or only at a price nobody expects, is refused with its offset.
 */
export function parseRegex (source: string): Expression | RegexError {
  try {
    const pattern = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, { unicode: true, unicodeSets: false })
    return choice(pattern.alternatives.map((alternative) => sequence(withoutAnchors(alternative.elements))))
  } catch (error) {
    if (error instanceof Refusal) return { message: error.message, at: error.at }
    if (error instanceof RegExpSyntaxError) return { message: error.message.replace(/^.*\/u?: /, ''), at: error.index }
    throw error
  }
}

class Refusal extends Error {
  readonly at: number
  constructor (message: string, node: AST.Node) {
    super(message)
    this.at = node.start
  }
}

const digit: CharSet = [0x30, 0x39]
const word = charSet([[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]])
const space = charSet([[9, 13], [0x20, 0x20], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000], [0xfeff, 0xfeff]])
const lineEnd = charSet([[0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]])

function withoutAnchors (elements: readonly AST.Element[]): readonly AST.Element[] {
  const isEdge = (element: AST.Element | undefined, kind: 'start' | 'end'): boolean => element?.type === 'Assertion' && element.kind === kind
  return elements.slice(isEdge(elements[0], 'start') ? 1 : 0, elements.length - (isEdge(elements.at(-1), 'end') ? 1 : 0))
}

function sequence (elements: readonly AST.Element[]): Expression {
  return elements.length === 1 ? expression(elements[0]!) : { kind: 'sequence', parts: elements.map(expression) }
}

function choice (options: readonly Expression[]): Expression {
  return options.length === 1 ? options[0]! : { kind: 'choice', options }
}

function expression (node: AST.Element): Expression {
  switch (node.type) {
    case 'Character': return { kind: 'chars', set: [node.value, node.value] }
    case 'CharacterSet':
    case 'CharacterClass':
    case 'ExpressionCharacterClass': return { kind: 'chars', set: setOf(node) }
    case 'Group':
      if (node.modifiers !== null) throw new Refusal('modifiers such as (?i:…) are not supported; write both cases: [Aa]', node)
      return choice(node.alternatives.map((alternative) => sequence(alternative.elements)))
    case 'CapturingGroup': return choice(node.alternatives.map((alternative) => sequence(alternative.elements)))
    case 'Quantifier': return node.max === 0 ? nothing : { kind: 'repeat', part: expression(node.element), min: node.min, max: node.max }
    case 'Backreference': throw new Refusal(`the backreference ${node.raw} cannot be decided in linear time`, node)
    case 'Assertion': throw new Refusal(assertion(node), node)
  }
}

function assertion (node: AST.Assertion): string {
  switch (node.kind) {
    case 'start':
    case 'end': return `${node.raw} is only allowed at the ${node.kind} of the whole expression, where it is redundant`
    case 'word': return `the word boundary ${node.raw} is not supported`
    case 'lookahead':
    case 'lookbehind': return `the ${node.kind} ${node.raw} is not supported; add a more specific route for what it excludes`
  }
}

function setOf (node: AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass | AST.CharacterClassElement): CharSet {
  switch (node.type) {
    case 'Character': return [node.value, node.value]
    case 'CharacterClassRange': return [node.min.value, node.max.value]
    case 'CharacterClass': {
      const set = charSet(node.elements.flatMap((element) => pairs(setOf(element))))
      return node.negate ? complement(set) : set
    }
    case 'CharacterSet':
      if (node.kind === 'any') return complement(lineEnd)
      if (node.kind === 'property') throw new Refusal(`the Unicode property ${node.raw} is not supported; list the characters`, node)
      return (node.negate ? complement : (set: CharSet) => set)({ digit, space, word }[node.kind])
    default: throw new Refusal(`${node.raw} is not supported`, node)
  }
}
