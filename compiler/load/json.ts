/** A value in a JSON text with its range; offsets are 0-based UTF-16 units, `end` is exclusive. */
export type JsonNode =
  | { readonly kind: 'object', readonly start: number, readonly end: number, readonly members: readonly JsonMember[] }
  | { readonly kind: 'array', readonly start: number, readonly end: number, readonly elements: readonly JsonNode[] }
  | { readonly kind: 'value', readonly start: number, readonly end: number, readonly value: string | number | boolean | null }

export interface JsonMember {
  readonly key: string
  readonly keyStart: number
  readonly keyEnd: number
  readonly value: JsonNode
}

export interface JsonError {
  readonly message: string
  readonly at: number
}

const deepest = 200
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const text = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const space = /[ \t\n\r]*/y
const words = new Map<string, boolean | null>([['true', true], ['false', false], ['null', null]])

/** Parses strict JSON (RFC 8259) and keeps where everything stands. */
export function parseJson (source: string): JsonNode | JsonError {
  // A byte order mark is not part of the text.
  let at = source.startsWith('\uFEFF') ? 1 : 0
  const fail = (message: string, where = at): never => {
    throw Object.assign(new SyntaxError(message), { at: where })
  }
  const found = (): string => at >= source.length ? 'the end of the file' : JSON.stringify(source[at])
  const comment = (): string | undefined => source.startsWith('//', at) || source.startsWith('/*', at) ? 'JSON has no comments' : undefined
  const skip = (): void => { take(space) }
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(source)?.[0]
    if (match !== undefined) at += match.length
    return match
  }
  const expect = (sign: string, after: string): void => {
    if (source[at] !== sign) fail(`${after} there must be ${sign}, not ${found()}`)
    at++
  }
  const string = (what: string): string => {
    if (source[at] !== '"') fail(comment() ?? `${what} in double quotes is expected, not ${found()}`)
    const start = at
    const match = take(text)
    return match === undefined ? fail('this string is not ended or has a character that must be escaped', start) : JSON.parse(match) as string
  }

  const value = (depth: number): JsonNode => {
    if (depth > deepest) fail(`values are nested more than ${deepest} deep`)
    skip()
    const start = at
    const first = source[at]
    if (first === '{') return object(start, depth)
    if (first === '[') return array(start, depth)
    if (first === '"') return { kind: 'value', value: string('a string'), start, end: at }
    const digits = take(number)
    if (digits !== undefined) return { kind: 'value', value: Number(digits), start, end: at }
    for (const [word, meaning] of words) {
      if (!source.startsWith(word, at)) continue
      at += word.length
      return { kind: 'value', value: meaning, start, end: at }
    }
    return fail(comment() ?? `a value is expected, not ${found()}`)
  }
  const object = (start: number, depth: number): JsonNode => {
    const members: JsonMember[] = []
    at++
    skip()
    while (source[at] !== '}') {
      if (members.length > 0) {
        expect(',', 'between two members')
        skip()
        if (source[at] === '}') fail('JSON has no comma after the last member')
      }
      const keyStart = at
      const key = string('a name')
      const keyEnd = at
      skip()
      expect(':', 'after a name')
      members.push({ key, keyStart, keyEnd, value: value(depth + 1) })
      skip()
    }
    at++
    return { kind: 'object', members, start, end: at }
  }
  const array = (start: number, depth: number): JsonNode => {
    const elements: JsonNode[] = []
    at++
    skip()
    while (source[at] !== ']') {
      if (elements.length > 0) {
        expect(',', 'between two elements')
        skip()
        if (source[at] === ']') fail('JSON has no comma after the last element')
      }
      elements.push(value(depth + 1))
      skip()
    }
    at++
    return { kind: 'array', elements, start, end: at }
  }

  try {
    const root = value(0)
    skip()
    if (at < source.length) fail(`the document ends here, but ${found()} follows`)
    return root
  } catch (error) {
    if (!(error instanceof SyntaxError) || !('at' in error)) throw error
    return { message: error.message, at: error.at as number }
  }
}

/** The plain value of a node. Members are own properties whatever their name; of two with one name the last counts. */
export function jsonValue (node: JsonNode): unknown {
  if (node.kind === 'value') return node.value
  if (node.kind === 'array') return node.elements.map(jsonValue)
  const result: Record<string, unknown> = {}
  for (const { key, value } of node.members) Object.defineProperty(result, key, { value: jsonValue(value), writable: true, enumerable: true, configurable: true })
  return result
}
