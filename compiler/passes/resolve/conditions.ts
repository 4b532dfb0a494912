import { escapePointer } from '../../../schema/builders/plain-data.ts'
import type { Condition, Conditions } from '../../../schema/generated/gateway.ts'
import { determinise, isTooLarge } from '../../../schema/regex/dfa.ts'
import { isRegexError, parseRegex } from '../../../schema/regex/parse.ts'
import type { FieldCondition, FieldKind } from '../../../schema/resolved.ts'
import { isToken } from '../../../schema/token.ts'
import { nameAt } from '../place-at.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

const kinds = [['header', 'headers'], ['query', 'query'], ['cookie', 'cookies']] as const

/** Conditions sorted by kind and name; header names in lower case. */
export function resolveConditions (scope: Scope, when: Conditions | undefined, pointer: string): readonly FieldCondition[] {
  if (when === undefined) return []
  return kinds.flatMap(([kind, member]) => {
    const found = new Map<string, FieldCondition>()
    for (const [given, condition] of Object.entries(when[member] ?? {})) {
      const at = `${pointer}/when/${member}/${escapePointer(given)}`
      const name = kind === 'header' ? given.toLowerCase() : given
      const wrong = kind !== 'query' && !isToken(name) ? `'${given}' is not the name of a ${kind}` : found.has(name) ? `there are two conditions on the ${kind} ${name}` : undefined
      if (wrong !== undefined) scope.findings.push(report('condition/invalid-name', wrong, { place: nameAt(scope.config, at) }))
      else found.set(name, { kind, name, test: testOf(scope, condition, at) })
    }
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  })
}

function testOf (scope: Scope, condition: Condition, pointer: string): FieldCondition['test'] {
  if (typeof condition === 'string') return { op: 'equals', value: condition }
  if (typeof condition === 'boolean') return { op: condition ? 'present' : 'absent' }
  const source = condition.regex
  const expression = parseRegex(source)
  if (isRegexError(expression)) {
    scope.findings.push(report('regex/not-linear', expression.message, { place: { ...scope.place(`${pointer}/regex`), part: expression.at } }))
  } else if (isTooLarge(determinise([expression]))) {
    scope.findings.push(report('regex/too-large', 'the automaton of this regular expression is too large', { place: scope.place(`${pointer}/regex`) }))
  }
  return { op: 'regex', source }
}

/** A condition in the words of a route's id: `header x-beta=1`. */
export function printCondition ({ kind, name, test }: FieldCondition): string {
  const tests: Record<typeof test.op, string> = { equals: '=', regex: '~', present: '', absent: '' }
  const value = test.op === 'equals' ? test.value : test.op === 'regex' ? test.source : ''
  return `${test.op === 'absent' ? 'no ' : ''}${kind satisfies FieldKind} ${name}${tests[test.op]}${value}`
}
