import type { FieldCondition, RouteMatch } from '../../schema/resolved.ts'

const notations = { header: 'header', query: 'query', cookie: 'cookie' } as const

/** A condition in a few words: `header x-beta = 1`, `no cookie session`, `query v ~ \d+`. */
export function conditionText ({ kind, name, test }: FieldCondition): string {
  const field = `${notations[kind]} ${name}`
  switch (test.op) {
    case 'equals': return `${field} = ${test.value}`
    case 'regex': return `${field} ~ ${test.source}`
    case 'present': return field
    case 'absent': return `no ${field}`
  }
}

/** `GET|POST`, or `any`. */
export function methodsText ({ methods }: RouteMatch): string {
  return methods.length === 0 ? 'any' : methods.join('|')
}
