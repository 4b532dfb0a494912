import type { Exchange, HeadEdits as Edits } from '../../schema/exchange.ts'
import type { PolicyHandler } from '../../schema/policy.ts'
import type { HeadEdits } from './head-edits.ts'
import type { HeadersOptions } from './options.ts'
import { fillTemplate, parseTemplate } from './template.ts'
import type { TemplatePart } from './template.ts'

type Change = (exchange: Exchange, edits: Edits) => void

/** Prepares all changes once; a value without placeholders costs nothing per request. */
export function createHandler (options: HeadersOptions): PolicyHandler {
  const request = changes(options.request)
  const response = changes(options.response)
  const successOnly = options.response?.on === 'success'
  return {
    ...(request.length > 0 && { request (exchange: Exchange) { for (const change of request) change(exchange, exchange.requestEdits); return undefined } }),
    ...(response.length > 0 && { response (exchange: Exchange) { if (!successOnly || exchange.status < 400) for (const change of response) change(exchange, exchange.responseEdits) } })
  }
}

function changes (edits: HeadEdits | undefined): readonly Change[] {
  const removed = (edits?.remove ?? []).map((field): Change => {
    const name = field.toLowerCase()
    return (_exchange, to) => to.remove(name)
  })
  return [...removed, ...writes('set', edits?.set), ...writes('append', edits?.append)]
}

function writes (verb: 'set' | 'append', fields: Readonly<Record<string, string>> | undefined): readonly Change[] {
  return Object.entries(fields ?? {}).map(([field, value]): Change => {
    const name = field.toLowerCase()
    const parts = parseTemplate(value)
    const fixed = staticText(parts)
    return fixed !== undefined
      ? (_exchange, to) => to[verb](name, fixed)
      : (exchange, to) => to[verb](name, fillTemplate(parts, exchange))
  })
}

function staticText (parts: readonly TemplatePart[]): string | undefined {
  const texts = parts.map((part) => 'text' in part ? part.text : undefined)
  return texts.includes(undefined) ? undefined : texts.join('')
}
