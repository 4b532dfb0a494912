import { mapSubschemas, type JsonSchema, type SchemaSources } from './json-schema.ts'

/**
 * Resolves every `$ref`. Definitions, those of values.schema.json and a file's own, stand in its place, and the keywords beside the
 * reference win over theirs (draft-07 would drop those). A reference to a node, `#` among them, becomes what `node` makes of its name.
 */
export function inlineReferences (schema: JsonSchema, self: string, sources: SchemaSources, node: (name: string) => JsonSchema): JsonSchema {
  const inline = (part: JsonSchema): JsonSchema => {
    const { $ref, ...beside } = part
    if ($ref === undefined) return mapSubschemas(part, inline)
    const [path = '', inside = ''] = $ref.split('#')
    const file = /([a-z-]+)\.schema\.json$/.exec(path)?.[1]
    const name = /^\/definitions\/(\w+)$/.exec(inside)?.[1]
    const definitions = file === 'values' ? sources.values : path === '' ? schema.definitions : undefined
    const definition = name === undefined ? undefined : definitions?.[name]
    if (definition !== undefined) return mapSubschemas({ ...definition, ...beside, ...(definition.title === undefined ? {} : { $comment: definition.description }) }, inline)
    const named = $ref === '#' ? self : inside === '' ? file : undefined
    if (named === undefined || !sources.nodes.some((source) => source.name === named)) throw new Error(`${self}: cannot resolve "${$ref}"`)
    return { ...node(named), ...beside }
  }
  const { definitions: _, ...body } = schema
  return mapSubschemas(body, inline)
}

/** Leaves out what only the generator reads, so that ajv's strict mode takes the schema. */
export function withoutTypes (schema: JsonSchema): JsonSchema {
  const { tsType: _, $schema: __, $id: ___, $comment: ____, ...rest } = schema
  return mapSubschemas(rest, withoutTypes)
}
