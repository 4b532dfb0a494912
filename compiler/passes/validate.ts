import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'
import { escapePointer } from '../../schema/builders/plain-data.ts'
import type { Diagnostic } from '../../schema/diagnostic.ts'
import type { Config } from '../../schema/document.ts'
import { nodeSchemas } from '../../schema/generated/schemas.ts'
import type { NodeKind } from '../../schema/generated/schemas.ts'
import type { AnyPolicy, Target } from '../../schema/policy.ts'
import { closest } from './closest.ts'
import { outcome } from './pass.ts'
import type { Outcome } from './pass.ts'
import { nameAt, placeAt } from './place-at.ts'
import { reporter } from './reporter.ts'
import { literal } from './source-literal.ts'
import { problems } from './validate-problems.ts'
import { shapeErrors } from './validate/shape-error.ts'

/** A document that fits the schemas of its nodes and policies. */
export interface ValidConfig extends Config {
  readonly valid: true
}

type Loose = Readonly<Record<string, unknown>>

const report = reporter(problems)
const nouns: Readonly<Record<NodeKind, string>> = { gateway: 'the gateway', listener: 'a listener', tcp: 'a tcp listener', upstream: 'an upstream', route: 'a route', group: 'a group', invariant: 'an invariant' }
const commonOptions = {
  mode: { enum: ['enforce', 'shadow', 'off'] },
  id: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$' }
}

/** Compiled schemas by schema: compiling one takes longer than a hundred validations. */
const validators = new WeakMap<object, ValidateFunction>()
const ajv = new Ajv({ allErrors: true, verbose: true, strict: false, validateSchema: false })

/** Validates each node against the schema of its own kind, and each policy against that of the policy. */
export function validate (config: Config, registry: ReadonlyMap<string, AnyPolicy>): Outcome<ValidConfig> {
  const diagnostics: Diagnostic[] = []
  const document: Loose = isObject(config.document) ? config.document : {}

  check(validatorOf(nodeSchemas.gateway), nouns.gateway, config.document, '')
  members(document['listeners'], '/listeners', (node, pointer) => { visit(node['protocol'] === 'tcp' ? 'tcp' : 'listener', node, pointer, 'listener') })
  members(document['upstreams'], '/upstreams', (node, pointer) => { visit('upstream', node, pointer, 'upstream') })
  routes(document['routes'], '/routes')
  each(document['invariants'], '/invariants', (node, at) => { check(validatorOf(nodeSchemas.invariant), nouns.invariant, node, at) })
  return outcome({ ...config, valid: true }, diagnostics)

  function routes (list: unknown, pointer: string): void {
    each(list, pointer, (node, at) => {
      const isGroup = 'routes' in node
      visit(isGroup ? 'group' : 'route', node, at, 'route')
      if (isGroup) routes(node['routes'], `${at}/routes`)
    })
  }

  function visit (kind: NodeKind, node: Loose, pointer: string, target: Target): void {
    check(validatorOf(nodeSchemas[kind]), nouns[kind], node, pointer)
    each(node['policies'], `${pointer}/policies`, (policy, at) => {
      const names = Object.keys(policy)
      if (names.length === 1) policyAt(names[0]!, policy[names[0]!], at, target)
    })
  }

  function policyAt (name: string, options: unknown, pointer: string, target: Target): void {
    const inside = `${pointer}/${escapePointer(name)}`
    const policy = registry.get(name)
    if (policy === undefined) {
      const meant = closest(name, registry.keys())
      diagnostics.push(report('policy/unknown', `there is no policy '${name}'`, {
        place: nameAt(config, inside),
        help: meant === undefined ? `The policies are ${[...registry.keys()].join(', ')}.` : `Did you mean '${meant}'?`
      }))
      return
    }
    if (!(policy.targets as readonly Target[]).includes(target)) {
      diagnostics.push(report('policy/wrong-target', `the policy '${name}' cannot stand on ${nouns[target]}`, {
        place: placeAt(config, pointer), help: `It can stand on ${policy.targets.map((each) => nouns[each]).join(' or ')}.`
      }))
    }
    check(policyValidator(policy), `the policy '${name}'`, options, inside)
  }

  function check (validator: ValidateFunction, noun: string, value: unknown, pointer: string): void {
    if (validator(value)) return
    for (const { path, name, message, help, suggestion } of shapeErrors(noun, validator.errors ?? [])) {
      const place = (name ? nameAt : placeAt)(config, [pointer, ...path.map(escapePointer)].join('/'))
      diagnostics.push(report('schema/invalid', message, {
        place,
        ...(help === undefined ? {} : { help }),
        ...(suggestion === undefined ? {} : {
          help: `Did you mean ${/^\d+$/.test(suggestion) ? suggestion : `'${suggestion}'`}?`,
          fix: { title: `write ${suggestion}`, applicability: 'maybe-incorrect', edits: [{ kind: 'replace-value', place, text: literal(place.origin.file, /^\d+$/.test(suggestion) ? Number(suggestion) : suggestion) }] }
        })
      }))
    }
  }
}

function validatorOf (schema: Loose, compiled = schema): ValidateFunction {
  let validator = validators.get(schema)
  if (validator === undefined) validators.set(schema, validator = ajv.compile(compiled))
  return validator
}

/** Options that all policies share stand beside those of the policy. */
function policyValidator ({ schema }: AnyPolicy): ValidateFunction {
  return validatorOf(schema, { ...schema, properties: { ...(schema['properties'] as Loose | undefined), ...commonOptions } })
}

function members (record: unknown, pointer: string, visit: (node: Loose, pointer: string) => void): void {
  if (!isObject(record)) return
  for (const [name, node] of Object.entries(record)) if (isObject(node)) visit(node, `${pointer}/${escapePointer(name)}`)
}

function each (list: unknown, pointer: string, visit: (node: Loose, pointer: string) => void): void {
  if (!Array.isArray(list)) return
  for (const [index, node] of list.entries()) if (isObject(node)) visit(node, `${pointer}/${index}`)
}

function isObject (value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
