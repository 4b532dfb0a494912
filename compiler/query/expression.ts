/** What `gwc query` asks of a class of requests and of what becomes of it. */
export type Expression =
  | { readonly kind: 'and' | 'or', readonly of: readonly Expression[] }
  | { readonly kind: 'not', readonly of: Expression }
  | { readonly kind: 'word', readonly word: QueryWord }
  | { readonly kind: 'test', readonly field: QueryField, readonly operator: QueryOperator, readonly value: string, readonly at: number }

export const queryOperators = ['=', '!=', 'under', '<=', '>=', '<', '>'] as const
export type QueryOperator = typeof queryOperators[number]

const texts = ['=', '!='] as const
const trees = ['=', '!=', 'under'] as const
const numbers = ['=', '!=', '<', '>', '<=', '>='] as const

/** Fields, with the operators that each takes. */
export const queryFields = {
  path: trees, host: trees, method: texts, listener: texts,
  route: texts, upstream: texts, policy: texts, guard: texts,
  timeout: numbers, retries: numbers
} as const satisfies Readonly<Record<string, readonly QueryOperator[]>>
export type QueryField = keyof typeof queryFields

export const queryWords = ['authenticated', 'limited', 'refused'] as const
export type QueryWord = typeof queryWords[number]

/** All tests of an expression. */
export function testsOf (expression: Expression): readonly Extract<Expression, { readonly kind: 'test' }>[] {
  switch (expression.kind) {
    case 'test': return [expression]
    case 'word': return []
    case 'not': return testsOf(expression.of)
    default: return expression.of.flatMap(testsOf)
  }
}

/** Whether an expression speaks of requests that no route takes. */
export function asksForRefused (expression: Expression): boolean {
  switch (expression.kind) {
    case 'test': return false
    case 'word': return expression.word === 'refused'
    case 'not': return asksForRefused(expression.of)
    default: return expression.of.some(asksForRefused)
  }
}
