import { escapePointer } from '../../schema/builders/plain-data.ts'
import type { Diagnostic } from '../../schema/diagnostic.ts'
import type { Config } from '../../schema/document.ts'
import type { GatewayDocument } from '../../schema/generated/gateway.ts'
import type { Origin } from '../../schema/origin.ts'
import { problems } from '../passes/load-problems.ts'
import { reporter } from '../passes/reporter.ts'
import { jsonValue, parseJson } from './json.ts'
import type { JsonNode } from './json.ts'
import { lineIndex } from './line-index.ts'

const report = reporter(problems)

/** The document in a JSON text, with an origin for every object and array in it. */
export function jsonConfig (file: string, text: string): { readonly config: Config | undefined, readonly diagnostics: readonly Diagnostic[] } {
  const lines = lineIndex(text)
  const originOf = (offset: number): Origin => ({ file, ...lines.position(offset) })
  const root = parseJson(text)
  if ('message' in root) return { config: undefined, diagnostics: [report('config/syntax-error', root.message, { place: { origin: originOf(root.at) } })] }

  const diagnostics: Diagnostic[] = []
  const origins: Record<string, Origin> = { '': originOf(root.start) }
  visit(root, '')
  return { config: { document: jsonValue(root) as GatewayDocument, origins, env: [] }, diagnostics }

  function visit (node: JsonNode, pointer: string): void {
    if (node.kind === 'value') return
    origins[pointer] = originOf(node.start)
    if (node.kind === 'array') {
      node.elements.forEach((element, index) => { visit(element, `${pointer}/${index}`) })
      return
    }
    const seen = new Map<string, number>()
    for (const { key, keyStart, value } of node.members) {
      const first = seen.get(key)
      if (first !== undefined) {
        diagnostics.push(report('config/duplicate-key', `the name ${JSON.stringify(key)} is here twice`, {
          place: { origin: originOf(keyStart) },
          related: [{ message: 'the first one', place: { origin: originOf(first) } }]
        }))
      }
      seen.set(key, keyStart)
      visit(value, `${pointer}/${escapePointer(key)}`)
    }
  }
}
