/** A request that an API description shows by example. */
export interface ExampleRequest {
  readonly method: string
  /** With the path of the server in front; without scheme and host where the description names none. */
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | undefined
}

type Loose = Readonly<Record<string, unknown>>

const methods = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'])

/** Bodies of one operation that are shown at most. */
const mostExamples = 20

/**
 * One request for each operation of an OpenAPI 3 description, or one for each example of its body. What has no example gets a value that its
 * schema allows; optional parameters without one are left out. Undefined: it is no such description. References within it are followed.
 */
export function exampleRequests (value: unknown): readonly ExampleRequest[] | undefined {
  const document = asObject(value)
  if (typeof document?.['openapi'] !== 'string' || !/^3\./.test(document['openapi'])) return undefined
  const resolve = resolverOf(document)
  const base = serverOf(document)
  return Object.entries(asObject(document['paths']) ?? {}).flatMap(([path, given]) => {
    const item = resolve(given)
    return Object.entries(item ?? {}).flatMap(([method, node]) => {
      const operation = resolve(node)
      if (operation === undefined || !methods.has(method)) return []
      const parameters = new Map([...asList(item!['parameters']), ...asList(operation['parameters'])].map((parameter) => {
        const found = resolve(parameter) ?? {}
        return [`${String(found['in'])} ${String(found['name'])}`, found]
      }))
      const request = requestOf(method.toUpperCase(), `${serverOf(operation) ?? serverOf(item!) ?? base ?? ''}${path}`, [...parameters.values()], resolve)
      const bodies = bodiesOf(resolve(operation['requestBody']), resolve)
      return bodies.length === 0 ? [request] : bodies.map(({ type, body }) => ({ ...request, headers: [...request.headers, ['content-type', type] as const], body }))
    })
  })
}

type Resolve = (value: unknown) => Loose | undefined

/** Follows `$ref`s into the document itself. */
function resolverOf (document: Loose): Resolve {
  return (value) => {
    let found: unknown = value
    for (let hops = 0; hops < 32; hops++) {
      const reference = asObject(found)?.['$ref']
      if (typeof reference !== 'string') break
      found = reference.startsWith('#/')
        ? reference.slice(2).split('/').reduce<unknown>((node, part) => asObject(node)?.[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')], document)
        : undefined
    }
    return asObject(found)
  }
}

function serverOf (holder: Loose): string | undefined {
  const [server] = asList(holder['servers'])
  const { url, variables } = asObject(server) ?? {}
  if (typeof url !== 'string') return undefined
  return url.replace(/\{([^}]+)\}/g, (_, name: string) => String(asObject(asObject(variables)?.[name])?.['default'] ?? 'x')).replace(/\/$/, '')
}

function requestOf (method: string, template: string, parameters: readonly Loose[], resolve: Resolve): ExampleRequest {
  const headers: (readonly [string, string])[] = []
  const cookies: string[] = []
  const query = new URLSearchParams()
  let url = template
  for (const parameter of parameters) {
    const name = String(parameter['name'])
    const shown = exampleOf(parameter, resolve)
    if (shown === undefined && parameter['required'] !== true && parameter['in'] !== 'path') continue
    const text = textOf(shown ?? allowed(resolve(parameter['schema']), resolve))
    switch (parameter['in']) {
      case 'path': url = url.replaceAll(`{${name}}`, encodeURIComponent(text)); break
      case 'query': query.append(name, text); break
      case 'header': headers.push([name, text]); break
      case 'cookie': cookies.push(`${name}=${text}`)
    }
  }
  if (cookies.length > 0) headers.push(['cookie', cookies.join('; ')])
  // A path may name a parameter that nobody declares.
  const path = url.replace(/\{[^}]*\}/g, 'x')
  return { method, url: query.size === 0 ? path : `${path}?${query.toString()}`, headers, body: undefined }
}

function bodiesOf (requestBody: Loose | undefined, resolve: Resolve): readonly { readonly type: string, readonly body: string }[] {
  const contents = Object.entries(asObject(requestBody?.['content']) ?? {})
  const [type, given] = contents.find(([name]) => /json/.test(name)) ?? contents[0] ?? []
  if (type === undefined) return []
  const media = resolve(given) ?? {}
  const named = Object.values(asObject(media['examples']) ?? {}).map((example) => resolve(example)?.['value']).filter((example) => example !== undefined).slice(0, mostExamples)
  const shown = named.length > 0 ? named : [exampleOf(media, resolve) ?? allowed(resolve(media['schema']), resolve)]
  return shown.map((example) => ({ type, body: typeof example === 'string' && !/json/.test(type) ? example : JSON.stringify(example) }))
}

/** What a parameter or media type shows by itself or by its schema. */
function exampleOf (holder: Loose, resolve: Resolve): unknown {
  const [first] = Object.values(asObject(holder['examples']) ?? {})
  const schema = resolve(holder['schema'])
  return holder['example'] ?? resolve(first)?.['value'] ?? schema?.['example'] ?? asList(schema?.['examples'])[0] ?? schema?.['default']
}

/** A value that a schema allows, for the common schemas. */
function allowed (schema: Loose | undefined, resolve: Resolve, depth = 0): unknown {
  if (schema === undefined || depth > 8) return 'x'
  const shown = schema['example'] ?? asList(schema['examples'])[0] ?? schema['default'] ?? schema['const'] ?? asList(schema['enum'])[0]
  if (shown !== undefined) return shown
  const part = (value: unknown): unknown => allowed(resolve(value), resolve, depth + 1)
  const all = asList(schema['allOf'])
  if (all.length > 0) return Object.assign({}, ...all.map((one) => asObject(part(one)) ?? {})) as unknown
  const [either] = [...asList(schema['oneOf']), ...asList(schema['anyOf'])]
  if (either !== undefined) return part(either)
  const type = asList(schema['type'])[0] ?? schema['type'] ?? (schema['properties'] === undefined ? 'string' : 'object')
  switch (type) {
    case 'integer':
    case 'number': return schema['minimum'] ?? 1
    case 'boolean': return true
    case 'array': return [part(schema['items'])]
    case 'object': {
      const required = new Set(asList(schema['required']))
      return Object.fromEntries(Object.entries(asObject(schema['properties']) ?? {}).filter(([name]) => required.has(name)).map(([name, property]) => [name, part(property)]))
    }
    default: return formats[String(schema['format'])] ?? 'x'.repeat(Math.min(64, Math.max(1, Number(schema['minLength'] ?? 1))))
  }
}

const formats: Readonly<Record<string, string>> = {
  uuid: '00000000-0000-4000-8000-000000000000', date: '2026-01-01', 'date-time': '2026-01-01T00:00:00Z', email: 'a@example.com', uri: 'https://example.com/', ipv4: '192.0.2.1'
}

function textOf (value: unknown): string {
  return typeof value === 'object' && value !== null ? Array.isArray(value) ? value.map(String).join(',') : JSON.stringify(value) : String(value)
}

function asObject (value: unknown): Loose | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Loose : undefined
}

function asList (value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
