import type ts from 'typescript'
import type { Place } from '../../schema/diagnostic.ts'
import { cacheFolder } from '../load/cache-folder.ts'
import { loadTypescript } from '../load/typescript.ts'
import type { Span } from '../locate.ts'
import { literalOffset } from './literal-offset.ts'
import { calleeName, optionFinder } from './option-finder.ts'

interface ParsedFile {
  readonly text: string
  readonly tree: ts.SourceFile
}

const files = new Map<string, ParsedFile>()
let compiler: typeof ts | undefined

/** The range of a place in a TypeScript or JavaScript file. */
export function locateInProgram (file: string, text: string, offset: number, { pointer = [], part }: Place): Span {
  compiler ??= loadTypescript(cacheFolder(process.env, process.platform)).ts
  const t = compiler
  const tree = parse(t, file, text)
  const token = tokenAt(t, tree, offset)
  const span = (node: ts.Node): Span => ({ start: node.getStart(tree), end: node.getEnd() })
  const call = callOf(t, token)
  if (call === undefined) return wordOrNode(t, tree, token, offset)
  const found = pointer.length === 0 ? undefined : optionFinder(t, tree).find(call, pointer)
  if (found === undefined) return span(calleeName(t, call.expression))
  if (part === 'name' && found.name !== undefined) return span(found.name)
  if (typeof part === 'number' && t.isStringLiteralLike(found.value)) return literalOffset(text, span(found.value), part)
  return t.isCallExpression(found.value) ? span(calleeName(t, found.value.expression)) : span(found.value)
}

function parse (t: typeof ts, file: string, text: string): ts.SourceFile {
  const known = files.get(file)
  if (known?.text === text) return known.tree
  const tree = t.createSourceFile(file, text, t.ScriptTarget.Latest, true)
  files.set(file, { text, tree })
  return tree
}

function tokenAt (t: typeof ts, tree: ts.SourceFile, offset: number): ts.Node {
  let node: ts.Node = tree
  for (;;) {
    const inner: ts.Node | undefined = t.forEachChild(node, (child) => child.getStart(tree) <= offset && offset < child.getEnd() ? child : undefined)
    if (inner === undefined) return node
    node = inner
  }
}

/** The call that a stack frame means: its position is the name that is called. */
function callOf (t: typeof ts, token: ts.Node): ts.CallExpression | undefined {
  // Between statements there is nothing but the file.
  if (t.isSourceFile(token)) return undefined
  const callee = t.isPropertyAccessExpression(token.parent) && token.parent.name === token ? token.parent : token
  return t.isCallExpression(callee.parent) && callee.parent.expression === callee ? callee.parent : undefined
}

/** A name, literal or short expression as a whole; of a statement or of what spans lines the word that stands there. */
function wordOrNode (t: typeof ts, tree: ts.SourceFile, node: ts.Node, offset: number): Span {
  const [start, end] = [node.getStart(tree), node.getEnd()]
  if (start === offset && t.isExpression(node) && !/[\r\n]/.test(tree.text.slice(start, end))) return { start, end }
  const scanner = t.createScanner(t.ScriptTarget.Latest, true, t.LanguageVariant.Standard, tree.text, undefined, offset)
  scanner.scan()
  return { start: scanner.getTokenStart(), end: scanner.getTokenEnd() }
}
