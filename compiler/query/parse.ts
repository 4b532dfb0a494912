import { isToken } from '../../schema/token.ts'
import { closest } from '../passes/closest.ts'
import { namedFields, queryFields, queryOperators, queryWords } from './expression.ts'
import type { Expression, FieldTest, QueryField, QueryOperator, QueryWord } from './expression.ts'

/** A query that cannot be read. `at`: offset in its text. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly at: number

  constructor (message: string, at: number) {
    super(message)
    this.at = at
  }
}

interface Token { readonly text: string, readonly quoted: boolean, readonly at: number }

/**
 * `not authenticated and (path under /admin or upstream = 'back office')`: `not` binds closest, then `and`, then `or`. Values with spaces,
 * parentheses or operators are quoted. Throws `QueryError`.
 */
export function parseQuery (text: string): Expression {
  const tokens = tokensOf(text)
  let next = 0
  const peek = (word: string): boolean => tokens[next]?.quoted === false && tokens[next]!.text === word
  const take = (what: string): Token => {
    const token = tokens[next++]
    if (token === undefined) throw new QueryError(`${what} is missing at the end`, text.length)
    return token
  }

  const list = (kind: 'and' | 'or', part: () => Expression): Expression => {
    const of = [part()]
    while (peek(kind)) {
      next++
      of.push(part())
    }
    return of.length === 1 ? of[0]! : { kind, of }
  }
  const either = (): Expression => list('or', () => list('and', factor))
  const factor = (): Expression => {
    if (peek('not')) {
      next++
      return { kind: 'not', of: factor() }
    }
    if (!peek('(')) return predicate()
    const open = tokens[next++]!
    const inner = either()
    if (!peek(')')) throw new QueryError('this parenthesis is not closed', open.at)
    next++
    return inner
  }
  const predicate = (): Expression => {
    const name = take('a condition')
    if (isOneOf<QueryWord>(queryWords, name.text)) return { kind: 'word', word: name.text }
    const [, of, field] = namedFields.exec(name.text) ?? []
    if (of !== undefined) return fieldTest(name, of as FieldTest['of'], field!)
    if (!isField(name.text)) {
      const known = [...Object.keys(queryFields), 'header:NAME', 'query:NAME', 'cookie:NAME', ...queryWords]
      const meant = closest(name.text, known)
      throw new QueryError(`there is no '${name.text}'${meant === undefined ? `: conditions are ${known.join(', ')}` : `; did you mean '${meant}'?`}`, name.at)
    }
    const operator = take(`an operator after '${name.text}'`)
    const known: readonly QueryOperator[] = queryFields[name.text]
    if (operator.quoted || !isOneOf<QueryOperator>(queryOperators, operator.text) || !known.includes(operator.text)) throw new QueryError(`'${name.text}' is compared with ${known.join(', ')}, not with '${operator.text}'`, operator.at)
    const { text: value, at } = takeValue(`${name.text} ${operator.text}`)
    return { kind: 'test', field: name.text, operator: operator.text, value, at }
  }
  const fieldTest = ({ text, at }: Token, of: FieldTest['of'], given: string): FieldTest => {
    const name = of === 'header' ? given.toLowerCase() : given
    if (of === 'query' ? name === '' : !isToken(name)) throw new QueryError(`'${given}' is not the name of a ${of}`, at)
    const operator = tokens[next]
    if (operator?.quoted !== false || !isOneOf<QueryOperator>(queryOperators, operator.text)) return { kind: 'field', of, name, operator: '=', value: undefined, at }
    next++
    if (operator.text !== '=' && operator.text !== '!=') throw new QueryError(`'${text}' is compared with =, !=, not with '${operator.text}'`, operator.at)
    return { kind: 'field', of, name, operator: operator.text, value: takeValue(`${text} ${operator.text}`).text, at }
  }
  const takeValue = (after: string): Token => {
    const value = take(`a value after '${after}'`)
    if (!value.quoted && /^(?:[()]|[=<>!]+)$/.test(value.text)) throw new QueryError(`a value is missing before '${value.text}'`, value.at)
    return value
  }

  const expression = either()
  const rest = tokens[next]
  if (rest !== undefined) throw new QueryError(`'and' or 'or' is missing before '${rest.text}'`, rest.at)
  return expression
}

function tokensOf (text: string): readonly Token[] {
  const tokens: Token[] = []
  const token = /\s*(?:("[^"]*"|'[^']*')|(!=|<=|>=|[()=<>]|[^\s()=<>!"']+))/y
  while (text.slice(token.lastIndex).trim() !== '') {
    const from = token.lastIndex
    const found = token.exec(text)
    if (found === null) throw new QueryError('this is neither a word nor a closed quote', from + text.slice(from).search(/\S/))
    const [whole, quoted, plain] = found
    const at = from + whole.search(/\S/)
    tokens.push(quoted === undefined ? { text: plain!, quoted: false, at } : { text: quoted.slice(1, -1), quoted: true, at })
  }
  return tokens
}

function isOneOf<Word extends string> (words: readonly Word[], text: string): text is Word {
  return (words as readonly string[]).includes(text)
}

function isField (text: string): text is QueryField {
  return Object.hasOwn(queryFields, text)
}
