import type { FieldKind } from '../../schema/resolved.ts'

/** What `gwc query` asks of a class of requests and of what becomes of it. */
export type Expression =
  | { readonly kind: 'and' | 'or', readonly of: readonly Expression[] }
  | { readonly kind: 'not', readonly of: Expression }
  | { readonly kind: 'word', readonly word: QueryWord }
  | { readonly kind: 'test', readonly field: QueryField, readonly operator: QueryOperator, readonly value: string, readonly at: number }
  | FieldTest

/** `header:x-tier = gold`: what a field of the request holds; without a value, that it is there. Headers in lower case. */
export interface FieldTest {
  readonly kind: 'field'
  readonly of: FieldKind
  readonly name: string
  readonly operator: '=' | '!='
  readonly value: string | undefined
  readonly at: number
}

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

/** Fields of the request, by kind and name. */
export const namedFields = /^(header|query|cookie):(.*)$/

export const queryWords = ['authenticated', 'limited', 'refused'] as const
export type QueryWord = typeof queryWords[number]

type Kind = 'test' | 'field' | 'word'

/** All parts of an expression that are of this kind. */
export function partsOf<K extends Kind> (expression: Expression, kind: K): readonly Extract<Expression, { readonly kind: K }>[] {
  switch (expression.kind) {
    case 'not': return partsOf(expression.of, kind)
    case 'and':
    case 'or': return expression.of.flatMap((part) => partsOf(part, kind))
    default: return expression.kind === kind ? [expression as Extract<Expression, { readonly kind: K }>] : []
  }
}

/** Whether an expression speaks of requests that no route takes. */
export function asksForRefused (expression: Expression): boolean {
  return partsOf(expression, 'word').some(({ word }) => word === 'refused')
}
