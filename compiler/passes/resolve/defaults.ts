type Loose = Readonly<Record<string, unknown>>

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, ObjectSchema>>
  readonly items?: ObjectSchema
  readonly default?: unknown
}

/** A copy of a value with the defaults of its schema filled in, also inside objects and lists that are there. What is absent without a default stays absent. */
export function withDefaults (schema: object, value: unknown): unknown {
  const { properties, items } = schema as ObjectSchema
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => withDefaults(items, item))
  if (properties === undefined || typeof value !== 'object' || value === null) return value
  const filled: Record<string, unknown> = { ...value }
  for (const [name, inner] of Object.entries(properties)) {
    const given = (value as Loose)[name]
    if (given !== undefined) filled[name] = withDefaults(inner, given)
    else if (inner.default !== undefined) filled[name] = inner.default
  }
  return filled
}
