import type { ErrorObject } from 'ajv'
import { closest } from '../closest.ts'
import { expectedByPattern, repaired } from './expected.ts'

/** What is wrong with one value, in words. */
export interface ShapeError {
  /** Keys down to the value. */
  readonly path: readonly string[]
  /** The name of the property is meant, not its value. */
  readonly name: boolean
  readonly message: string
  readonly help?: string
  /** The value as it was probably meant. */
  readonly suggestion?: string
}

const mostShown = 60

/** Translates what ajv says about a value. `noun` names the whole value: `a route`. Of the branches of an `anyOf` only the one that was probably meant is told. */
export function shapeErrors (noun: string, errors: readonly ErrorObject[]): ShapeError[] {
  return mostTelling(errors).map((error) => translate(noun, error))
}

/** Leaves out what another error says better. */
function mostTelling (errors: readonly ErrorObject[]): ErrorObject[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf')
  let kept = errors.filter(({ propertyName }) => propertyName === undefined)
  for (const union of unions) {
    const branches = errors.filter(({ schemaPath }) => schemaPath.startsWith(`${union.schemaPath}/`))
    const branchOf = ({ schemaPath }: ErrorObject): string => schemaPath.slice(union.schemaPath.length + 1).split('/')[0]!
    // The branch whose type fits is the one that was meant; without one the union itself says what is possible.
    const unfit = new Set(branches.filter(({ keyword, instancePath }) => keyword === 'type' && instancePath === union.instancePath).map(branchOf))
    const meant = branches.filter((error) => !unfit.has(branchOf(error)))
    kept = kept.filter((error) => !branches.includes(error) || meant.includes(error)).filter((error) => error !== union || meant.length === 0)
  }
  return kept
}

function translate (noun: string, { keyword, instancePath, params, data, parentSchema }: ErrorObject): ShapeError {
  const path = instancePath.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const what = path.length === 0 ? noun : path.map((key, index) => (/^\d+$/.test(key) ? `[${key}]` : index === 0 ? key : `.${key}`)).join('')
  const subject = path.length === 0 ? noun : `'${what}'`
  const wrong = (expected: string, suggestion?: string): ShapeError => ({
    path, name: false, message: `${subject} must be ${expected}, not ${show(data)}`, ...(suggestion === undefined ? {} : { suggestion })
  })
  const option = (name: string): string => (path.length === 0 ? name : `${what}.${name}`)
  switch (keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty'])
      const known = Object.keys((parentSchema?.['properties'] ?? {}) as object)
      const meant = closest(name, known)
      const help = meant !== undefined ? `Did you mean '${meant}'?` : known.length === 0 ? undefined : `Its options: ${known.join(', ')}.`
      return { path: [...path, name], name: true, message: `${noun} has no option '${option(name)}'`, ...(help === undefined ? {} : { help }) }
    }
    case 'required': return { path, name: false, message: `${subject} needs the option '${String(params['missingProperty'])}'` }
    case 'propertyNames': {
      const name = String(params['propertyName'])
      return { path: [...path, name], name: true, message: `'${name}' must be ${expectedByPattern(patternOf(parentSchema?.['propertyNames']))}` }
    }
    case 'type': return wrong(article(String(params['type'])), params['type'] === 'string' ? repaired(patternOf(parentSchema), data) : repairedNumber(params['type'], data))
    case 'pattern': return wrong(expectedByPattern(String(params['pattern'])), repaired(String(params['pattern']), data))
    case 'enum': {
      const values = params['allowedValues'] as unknown[]
      return wrong(`${values.length === 1 ? '' : 'one of '}${values.map(show).join(', ')}`, typeof data === 'string' ? closest(data, values.filter((value) => typeof value === 'string')) : undefined)
    }
    case 'const': return wrong(show(params['allowedValue']))
    case 'minimum': return wrong(`at least ${params['limit']}`)
    case 'maximum': return wrong(`at most ${params['limit']}`)
    case 'exclusiveMinimum': return wrong(`more than ${params['limit']}`)
    case 'exclusiveMaximum': return wrong(`less than ${params['limit']}`)
    case 'multipleOf': return wrong(`a multiple of ${params['multipleOf']}`)
    case 'minLength': return wrong(params['limit'] === 1 ? 'text that is not empty' : `at least ${params['limit']} characters long`)
    case 'maxLength': return wrong(`at most ${params['limit']} characters long`)
    case 'minItems': return { path, name: false, message: `${subject} needs at least ${count(params['limit'], 'element')}` }
    case 'maxItems': return { path, name: false, message: `${subject} can have at most ${count(params['limit'], 'element')}` }
    case 'minProperties': return { path, name: false, message: `${subject} must not be empty` }
    case 'maxProperties': return { path, name: false, message: `${subject} can have at most ${count(params['limit'], 'member')}` }
    case 'uniqueItems': return { path: [...path, String(params['i'])], name: false, message: `${subject} has ${show((data as unknown[])[Number(params['i'])])} twice` }
    case 'anyOf': return wrong((parentSchema?.['anyOf'] as { type?: string, pattern?: string }[]).map((branch) => branch.pattern === undefined ? article(branch.type ?? 'value') : expectedByPattern(branch.pattern)).filter((text, index, all) => all.indexOf(text) === index).join(' or '))
    default: return { path, name: false, message: `${subject} is not valid: ${keyword}` }
  }
}

function patternOf (schema: unknown): string {
  return String((schema as { pattern?: string } | undefined)?.pattern ?? '')
}

function article (types: string): string {
  const words: Record<string, string> = { string: 'a string', number: 'a number', integer: 'a whole number', boolean: 'true or false', object: 'an object', array: 'a list', null: 'null' }
  return types.split(',').map((type) => words[type] ?? type).join(' or ')
}

function repairedNumber (type: unknown, value: unknown): string | undefined {
  return /number|integer/.test(String(type)) && typeof value === 'string' && /^\d+$/.test(value) ? value : undefined
}

function count (limit: unknown, noun: string): string {
  return limit === 1 ? `one ${noun}` : `${String(limit)} ${noun}s`
}

function show (value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = typeof value === 'string' ? `'${value}'` : String(value)
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
}
