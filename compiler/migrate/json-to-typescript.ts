import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { builderText } from './builder-text.ts'
import type { Migration } from './migration.ts'

/** The same gateway with typed builders: completion, hover texts and errors while writing. */
export const jsonToTypescript: Migration = {
  name: 'json-to-typescript',
  summary: 'gateway.config.json becomes gateway.config.ts, with typed builders',
  migrate ({ config, inputs }) {
    const file = inputs.find((input) => input.endsWith('.json'))
    if (config === undefined || file === undefined) return 'the config is no JSON file'
    const target = join(dirname(file), 'gateway.config.ts')
    if (existsSync(target)) return `${target} is there already`
    const after = builderText(config.document)
    return { changes: [{ file: target, before: '', after, edits: [{ start: 0, end: 0, text: after }] }], removed: [file], left: [], config: target }
  }
}
