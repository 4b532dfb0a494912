import { inlineReferences, withoutTypes } from './inline.ts'
import { mapSubschemas, type JsonSchema, type SchemaSources } from './json-schema.ts'

/** Options that every policy has, as `PolicyCommon` declares them. */
const common = {
  mode: { enum: ['enforce', 'shadow', 'off'], default: 'enforce', description: '`shadow`: decide, count and log, but let the request pass.' },
  id: { type: 'string', description: 'Name under which the state of this policy survives reloads. Default: derived from where it stands.' }
}

/** The one self-contained schema of `gateway.config.json`, for editors and other tools: nodes and policies with all their options. */
export function printPublished (sources: SchemaSources): string {
  const reference = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` })
  const complete = (schema: JsonSchema, name: string): JsonSchema =>
    withoutTypes(withPolicies(inlineReferences(schema, name, sources, (node) => reference(node))))
  const policies = sources.policies.map(({ name, schema }) => {
    const { title: _, ...options } = complete(schema, name)
    return [name, { ...options, properties: { ...options.properties, ...common } }]
  })
  const definitions: Record<string, JsonSchema> = {}
  for (const { name, schema } of sources.nodes) if (name !== 'gateway') definitions[name] = complete(schema, name)
  definitions['policy'] = { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: false, properties: Object.fromEntries(policies) }
  const gateway = sources.nodes.find(({ name }) => name === 'gateway')?.schema ?? {}
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...complete(gateway, 'gateway'), definitions }, null, 2)}\n`
}

/** Lists of policies name the known ones. */
function withPolicies (schema: JsonSchema): JsonSchema {
  return mapSubschemas(schema, (part) => (part.tsType === 'readonly PolicyDocument[]' ? { ...part, items: { $ref: '#/definitions/policy' } } : withPolicies(part)))
}
