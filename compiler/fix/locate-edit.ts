import { Node, SyntaxKind, type SourceFile } from 'ts-morph'
import type { FixEdit } from '../../schema/diagnostic.ts'
import { removeMember, removeStatement } from './removal.ts'
import type { TextEdit } from './text-edit.ts'

/** Turns a structural edit into text; a string says why that is not possible. `start` and `end` are what `locate` found for the edit's place. */
export function locateEdit (file: SourceFile, edit: FixEdit, start: number, end: number): TextEdit | string {
  if (edit.kind === 'replace-value') return { start, end, text: edit.text }
  const node = file.getDescendantAtPos(start)
  if (node === undefined) return 'the source is not as it was when it was read'
  switch (edit.kind) {
    case 'remove-property': return removeProperty(file, node, start)
    case 'remove-element': return removeElement(file, node, start)
    case 'remove-declaration': return removeDeclaration(file, node)
  }
}

function removeProperty (file: SourceFile, node: Node, start: number): TextEdit | string {
  const property = [node, ...node.getAncestors()].find((ancestor) =>
    (Node.isPropertyAssignment(ancestor) && (ancestor.getInitializer()?.getStart() === start || ancestor.getStart() === start)) ||
    (Node.isShorthandPropertyAssignment(ancestor) && ancestor.getStart() === start))
  const object = property?.getParent()
  if (property === undefined || !Node.isObjectLiteralExpression(object)) return 'the value is not written as a property where it is used'
  return removeFrom(file, property, object.getProperties())
}

function removeElement (file: SourceFile, node: Node, start: number): TextEdit | string {
  const element = [node, ...node.getAncestors()].find((ancestor) => ancestor.getStart() === start && Node.isArrayLiteralExpression(ancestor.getParent()))
  const array = element?.getParent()
  if (element === undefined || !Node.isArrayLiteralExpression(array)) return 'the value is not written as an element of a list'
  return removeFrom(file, element, array.getElements())
}

function removeFrom (file: SourceFile, member: Node, members: readonly Node[]): TextEdit {
  const before = members[members.indexOf(member) - 1]?.getEnd()
  const comma = member.getNextSiblingIfKind(SyntaxKind.CommaToken)?.getEnd()
  return removeMember(file.getFullText(), member.getStart(), member.getEnd(), before, comma)
}

/** Removes `const x = upstream(…)` when nothing in the file names `x` and no other file can. */
function removeDeclaration (file: SourceFile, node: Node): TextEdit | string {
  const call = node.getFirstAncestorByKind(SyntaxKind.CallExpression)
  const parent = call?.getParent()
  if (call === undefined || parent === undefined) return 'it is not declared by a call'
  if (Node.isExpressionStatement(parent)) return removeStatement(file.getFullText(), parent.getStart(), parent.getEnd())
  if (Node.isArrayLiteralExpression(parent)) return removeFrom(file, call, parent.getElements())
  if (!Node.isVariableDeclaration(parent)) return 'it is not declared as a constant of its own'
  const name = parent.getNameNode()
  const statement = parent.getVariableStatement()
  if (!Node.isIdentifier(name) || statement === undefined) return 'it is not declared as a constant of its own'
  if (statement.isExported()) return `'${name.getText()}' is exported, so another file may use it`
  // Any other identifier of the name counts as a use, also one in an inner scope: rather too few fixes than a broken config.
  const used = file.getDescendantsOfKind(SyntaxKind.Identifier).some((identifier) => identifier !== name && identifier.getText() === name.getText())
  if (used) return `'${name.getText()}' is used elsewhere in the file`
  const declarations = statement.getDeclarations()
  return declarations.length > 1
    ? removeFrom(file, parent, declarations)
    : removeStatement(file.getFullText(), statement.getStart(), statement.getEnd())
}
