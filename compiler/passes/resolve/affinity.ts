import { milliseconds } from '../../../schema/duration.ts'
import type { Affinity } from '../../../schema/generated/gateway.ts'
import { nodeSchemas } from '../../../schema/generated/schemas.ts'
import type { ResolvedAffinity } from '../../../schema/resolved.ts'
import { withDefaults } from './defaults.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

const { affinity: schema } = nodeSchemas.upstream['properties'] as { readonly affinity: object }
const cookieOptions = ['key', 'ttl', 'path', 'domain', 'secure', 'httpOnly', 'sameSite'] as const

/** How an upstream keeps clients on their targets, or null: it does not. Options that miss or contradict each other are reported. */
export function resolveAffinity (scope: Scope, document: Affinity | undefined, subject: string, upstream: string): ResolvedAffinity | null {
  if (document === undefined) return null
  const pointer = `${upstream}/affinity`
  const wrong = (message: string, at = pointer): void => { scope.findings.push(report('upstream/incomplete-option', message, { subject, place: scope.place(at) })) }
  const { by, name, key, ttl, domain = null, path, secure, httpOnly, sameSite, idle, onFailure } = withDefaults(schema, document) as Affinity & Required<Omit<Affinity, 'name' | 'key' | 'ttl' | 'domain'>>
  if (by !== 'cookie') {
    for (const option of cookieOptions) if (document[option] !== undefined) wrong(`'affinity.${option}' has a meaning only with by: 'cookie'`, `${pointer}/${option}`)
  }
  switch (by) {
    case 'cookie':
      if (key === undefined) wrong("'affinity' by cookie needs the option 'key', the secret that signs it")
      return { by, name: name ?? 'gwc-target', key: key ?? { $secret: '' }, ttl: ttl === undefined ? null : milliseconds(ttl), path, domain, secure, httpOnly, sameSite, onFailure }
    case 'header':
      if (name === undefined) wrong("'affinity' by header needs the option 'name', the header")
      return { by, name: (name ?? '').toLowerCase(), idle: milliseconds(idle), onFailure }
    case 'client-address': return { by, idle: milliseconds(idle), onFailure }
  }
}
