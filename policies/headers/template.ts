import type { Exchange } from '../../schema/exchange.ts'

/** A part of a header value: text as it stands, or something of the request. */
export type TemplatePart = { readonly text: string } | { readonly param: string } | { readonly variable: Variable }

/** What `{request.path}` and its like stand for. */
export const variables = {
  'client.address': (exchange: Exchange) => exchange.clientAddress,
  'request.host': (exchange: Exchange) => exchange.host,
  'request.method': (exchange: Exchange) => exchange.method,
  'request.path': (exchange: Exchange) => exchange.path,
  'request.scheme': (exchange: Exchange) => exchange.scheme
} as const

export type Variable = keyof typeof variables

/** A literal brace, or a name in braces. */
const placeholder = /\{\{|\{([A-Za-z_][A-Za-z0-9_.]*)\}/g

/**
 * Splits a header value at its placeholders. Only braces around a name are one, so that JSON in a value stays what it is;
 * `{{` is a literal brace. A dotted name that is no variable comes back as a parameter, which the check refuses.
 */
export function parseTemplate (value: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = []
  let text = ''
  let end = 0
  for (const match of value.matchAll(placeholder)) {
    text += value.slice(end, match.index)
    end = match.index + match[0].length
    const name = match[1]
    if (name === undefined) { text += '{'; continue }
    if (text !== '') parts.push({ text })
    text = ''
    parts.push(isVariable(name) ? { variable: name } : { param: name })
  }
  text += value.slice(end)
  if (text !== '') parts.push({ text })
  return parts
}

/** The same value with other names for its parameters. */
export function renameInTemplate (value: string, nameOf: (param: string) => string): string {
  return value.replace(placeholder, (whole, name?: string) => name === undefined || isVariable(name) ? whole : `{${nameOf(name)}}`)
}

/** The value for one request. Parameters stand as in the normalised path, hence without control characters. */
export function fillTemplate (parts: readonly TemplatePart[], exchange: Exchange): string {
  let value = ''
  for (const part of parts) {
    if ('text' in part) value += part.text
    else if ('param' in part) value += exchange.param(part.param) ?? ''
    else value += variables[part.variable](exchange)
  }
  return value
}

function isVariable (name: string): name is Variable {
  return Object.hasOwn(variables, name)
}
