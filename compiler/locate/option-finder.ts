import type ts from 'typescript'
import type { Pointer } from '../../schema/origin.ts'

/** What a pointer led to; `name` is the name of the property, where there is one. */
export interface FoundOption {
  readonly value: ts.Node
  readonly name?: ts.Node
}

/** Finds options in the syntax tree of one file. */
export interface OptionFinder {
  /** Follows a pointer through the arguments of a builder's call as far as the text goes; undefined when not even the first step is there. */
  find (call: ts.CallExpression, pointer: Pointer): FoundOption | undefined
}

/** The finder for a file. It reads the tree only: types are not known, values that are computed are not found. */
export function optionFinder (t: typeof ts, tree: ts.SourceFile): OptionFinder {
  return { find }

  function find (call: ts.CallExpression, pointer: Pointer): FoundOption | undefined {
    const [first, ...rest] = pointer
    const args = call.arguments.map((argument) => valueOf(argument))
    // A policy stands in the document as an object whose only key is its name.
    if (first === kebab(calleeName(t, call.expression).getText(tree))) return rest.length === 0 ? { value: call } : find(call, rest)
    if (first === 'match' && args[0] !== undefined && t.isStringLiteralLike(args[0])) return { value: args[0] }
    if (first === 'routes' && args[1] !== undefined && t.isArrayLiteralExpression(args[1])) return follow({ value: args[1] }, rest)
    for (const argument of args) {
      const found = step(argument, first!)
      if (found !== undefined) return follow(found, rest)
    }
    return undefined
  }

  function follow (from: FoundOption, pointer: Pointer): FoundOption {
    let found = from
    for (const [index, key] of pointer.entries()) {
      const value = valueOf(found.value)
      if (t.isCallExpression(value)) return find(value, pointer.slice(index)) ?? { value }
      const next = step(value, key)
      if (next === undefined) return found
      found = next
    }
    const value = valueOf(found.value)
    return t.isStringLiteralLike(value) ? { ...found, value } : found
  }

  /** One member of an object or list that is written out. */
  function step (node: ts.Node, key: string | number): FoundOption | undefined {
    if (t.isArrayLiteralExpression(node)) {
      const index = Number(key)
      const value = node.elements[index]
      return value === undefined || node.elements.slice(0, index + 1).some((element) => t.isSpreadElement(element)) ? undefined : { value }
    }
    if (!t.isObjectLiteralExpression(node)) return undefined
    for (const property of [...node.properties].reverse()) {
      if (t.isSpreadAssignment(property)) {
        const found = step(valueOf(property.expression), key)
        if (found !== undefined) return found
      } else if (property.name !== undefined && propertyName(property.name) === String(key)) {
        return { value: t.isPropertyAssignment(property) ? property.initializer : property.name, name: property.name }
      }
    }
    return undefined
  }

  function propertyName (name: ts.PropertyName): string | undefined {
    if (t.isComputedPropertyName(name)) return t.isStringLiteralLike(name.expression) ? name.expression.text : undefined
    return name.text
  }

  /** Looks through parentheses, type assertions and constants of the same file. */
  function valueOf (node: ts.Node, depth = 0): ts.Node {
    if (t.isParenthesizedExpression(node) || t.isAsExpression(node) || t.isSatisfiesExpression(node) || t.isNonNullExpression(node)) return valueOf(node.expression, depth)
    const initializer = t.isIdentifier(node) && depth < 10 ? constantOf(node.text) : undefined
    return initializer === undefined ? node : valueOf(initializer, depth + 1)
  }

  /** The value of the only constant of a name at the top of the file. */
  function constantOf (name: string): ts.Expression | undefined {
    const declarations = tree.statements.flatMap((statement) => t.isVariableStatement(statement) && (statement.declarationList.flags & t.NodeFlags.Const) !== 0
      ? statement.declarationList.declarations.filter((declaration) => t.isIdentifier(declaration.name) && declaration.name.text === name) : [])
    return declarations.length === 1 ? declarations[0]!.initializer : undefined
  }
}

/** The name by which something is called: `cors` of `policies.cors(…)`. */
export function calleeName (t: typeof ts, callee: ts.Expression): ts.Node {
  return t.isPropertyAccessExpression(callee) ? callee.name : callee
}

function kebab (name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
