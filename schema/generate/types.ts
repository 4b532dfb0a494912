import { mapSubschemas, type JsonSchema } from './json-schema.ts'

/** TypeScript text of the interfaces that a schema without references describes: its own and those of titled objects inside it. */
export async function printTypes (name: string, schema: JsonSchema): Promise<string> {
  const { compile } = await import('json-schema-to-typescript')
  const interfaces = new Map<string, JsonSchema>([[name, schema]])
  const hoist = (part: JsonSchema): JsonSchema => {
    if (part.title === undefined || part.properties === undefined) return documented(mapSubschemas(part, hoist))
    if (!interfaces.has(part.title)) interfaces.set(part.title, { ...part, description: part['$comment'] ?? part.description } as JsonSchema)
    const { title, ...untitled } = part
    return documented({ ...untitled, properties: {}, tsType: title })
  }
  let text = ''
  for (const [title, part] of interfaces) {
    const { $id: _, ...body } = mapSubschemas(part, hoist)
    const printed = await compile({ ...body, title } as object, title, {
      bannerComment: '', additionalProperties: false, ignoreMinAndMaxItems: true,
      style: { semi: false, singleQuote: true, trailingComma: 'none', printWidth: 400 }
    })
    text += `${tidy(printed)}\n`
  }
  return text.trim()
}

/** Puts default and bounds into the description, which becomes the hover text. */
function documented (schema: JsonSchema): JsonSchema {
  const tags = (['default', 'minimum', 'maximum'] as const).filter((tag) => schema[tag] !== undefined).map((tag) => `@${tag} ${printValue(schema[tag])}`)
  return tags.length === 0 ? schema : { ...schema, description: `${schema.description ?? ''}\n\n${tags.join('\n')}`.trim() }
}

function printValue (value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
}

/** Readonly members, and comments of one line on one line. */
function tidy (text: string): string {
  return text
    .replace(/\n( *)\* @(?:minItems|maxItems) .*(?=\n)/g, '')
    .replace(/(?<=\n) *\*\n(?= *\*\/)/g, '')
    .replace(/\/\*\*\n *\* ([^\n]+)\n *\*\//g, '/** $1 */')
    .replace(/^( +)(?=(?:[\w$]+\??|'[^'\n]+'\??|"[^"\n]+"\??|\[k: string\]): )/gm, '$1readonly ')
    .replace(/: (\([^\n]*\)\[\]|[\w$]+\[\])$/gm, ': readonly $1')
}
