import type { Diagnostic } from '../../schema/diagnostic.ts'
import { escapePointer } from '../../schema/builders/plain-data.ts'
import type { Config } from '../../schema/document.ts'
import { problems } from '../passes/load-problems.ts'
import { reporter } from '../passes/reporter.ts'
import { placeAt } from '../passes/place-at.ts'

const report = reporter(problems)
const reserved = new Set(['__proto__', 'constructor', 'prototype'])

/** Refuses names that objects inherit: later passes may then use any name of a document as a key. */
export function refuseReservedKeys (config: Config): Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  const visit = (value: unknown, pointer: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) {
      const inner = `${pointer}/${escapePointer(key)}`
      if (reserved.has(key)) diagnostics.push(report('config/reserved-key', `the name ${key} is not allowed`, { place: placeAt(config, inner) }))
      visit(member, inner)
    }
  }
  visit(config.document, '')
  return diagnostics
}
