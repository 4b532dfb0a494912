/** The part of JSON Schema (draft-07) that this project writes, with the two keywords of json-schema-to-typescript. */
export interface JsonSchema {
  readonly $schema?: string
  readonly $id?: string
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly definitions?: Readonly<Record<string, JsonSchema>>
  /** Text of the TypeScript type that stands for this schema. */
  readonly tsType?: string
  readonly [keyword: string]: unknown
}

/** One schema file. `name` is its base name for nodes (`route`) and its folder for policies (`rate-limit`). */
export interface SchemaSource {
  readonly name: string
  readonly schema: JsonSchema
}

/** What the generator reads. */
export interface SchemaSources {
  /** Definitions of values.schema.json. */
  readonly values: Readonly<Record<string, JsonSchema>>
  /** Nodes of a document: gateway, listener, upstream, route, group. */
  readonly nodes: readonly SchemaSource[]
  readonly policies: readonly SchemaSource[]
}

/** Applies `change` to each schema inside this one, at any depth, but not to this one. Properties and definitions are told from keywords. */
export function mapSubschemas (schema: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const mapped: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (['properties', 'definitions', 'patternProperties'].includes(keyword)) {
      mapped[keyword] = Object.fromEntries(Object.entries(value as Record<string, JsonSchema>).map(([key, member]) => [key, change(member)]))
    } else if (['anyOf', 'oneOf', 'allOf'].includes(keyword)) {
      mapped[keyword] = (value as JsonSchema[]).map(change)
    } else if (['items', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else', 'contains'].includes(keyword) && typeof value === 'object') {
      mapped[keyword] = Array.isArray(value) ? value.map(change) : change(value as JsonSchema)
    } else mapped[keyword] = value
  }
  return mapped
}
