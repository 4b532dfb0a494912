import { escapePointer } from '../../schema/builders/plain-data.ts'
import type { Rule } from './rule.ts'
import { secretShape } from './secret-shape.ts'

/** A credential that stands in the config as it is. */
export const secretLiteral: Rule = {
  code: 'secret/literal',
  severity: 'error',
  concealed: true,
  summary: 'A value in the config looks like a secret.',
  docs: `A config is read by many, kept in git for ever, and its values are copied into the bundle. A key, token or password must not be in it,
also not by way of \`env()\`, whose value becomes part of the bundle.

Write \`secret('NAME')\`: the bundle keeps the reference, and the runtime reads the value from its environment or from a file. If the secret was ever
pushed, replace it: it must be taken as known. Keys of clients are stored as hashes (\`sha256:…\`), which this rule accepts.

Found are the forms of well-known credentials anywhere, and random-looking values under names such as \`password\`, \`secret\`, \`token\` or \`apiKey\`.`,
  check: ({ config, place }) => [...strings(config.document, '', '')].flatMap(({ pointer, name, value }) => {
    const kind = secretShape(name, value)
    if (kind === undefined) return []
    return [{
      code: 'secret/literal',
      severity: 'error',
      message: `this looks like ${kind}; secrets do not belong in a config`,
      place: place(pointer),
      help: "Write secret('NAME'): the runtime reads the value from its environment or from a file."
    }]
  })
}

/** Every string in a document with its JSON pointer and the nearest key above it. */
function * strings (value: unknown, pointer: string, name: string): Generator<{ pointer: string, name: string, value: string }> {
  if (typeof value === 'string') yield { pointer, name, value }
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value)) {
    if (key === '$secret') continue
    yield * strings(member, `${pointer}/${escapePointer(key)}`, Array.isArray(value) ? name : key)
  }
}
