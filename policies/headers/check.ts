import type { PolicyFinding, PolicySite } from '../../schema/policy.ts'
import { isToken } from '../../schema/token.ts'
import type { HeadEdits } from './head-edits.ts'
import type { HeadersOptions } from './options.ts'
import { parseTemplate, variables } from './template.ts'

const framing = ['content-length', 'transfer-encoding']
const connection = ['connection', 'http2-settings', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade']
/** Written by the gateway into each request, after all policies. */
const own = ['expect', 'host', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-request-id']

/** Refuses what no message may carry, what the gateway alone writes, and what contradicts itself. */
export function check (options: HeadersOptions, site: PolicySite): readonly PolicyFinding[] {
  return (['request', 'response'] as const).flatMap((side) => checkSide(options[side] ?? {}, [side], site))
}

function checkSide (edits: HeadEdits, at: readonly string[], site: PolicySite): PolicyFinding[] {
  const findings: PolicyFinding[] = []
  const seen = new Map<string, string>()
  for (const verb of ['set', 'append'] as const) {
    const names = new Set<string>()
    for (const [name, value] of Object.entries(edits[verb] ?? {})) {
      const pointer = [...at, verb, name]
      findings.push(...checkName(name, pointer), ...checkValue(value, pointer, site))
      const lower = name.toLowerCase()
      if (names.has(lower)) findings.push({ code: 'headers/conflict', message: `${name} is in \`${verb}\` twice`, pointer, help: 'Field names are not case-sensitive: keep one of them.' })
      names.add(lower)
      if (verb === 'set') seen.set(lower, name)
    }
  }
  for (const [index, name] of (edits.remove ?? []).entries()) {
    const pointer = [...at, 'remove', index]
    findings.push(...checkName(name, pointer))
    if (seen.has(name.toLowerCase())) findings.push({ code: 'headers/conflict', message: `${name} is both set and removed`, pointer, help: '`set` replaces the field; take it out of `remove`.' })
  }
  return findings
}

function checkName (name: string, pointer: readonly (string | number)[]): PolicyFinding[] {
  if (!isToken(name)) return [{ code: 'headers/invalid-name', message: `${JSON.stringify(name)} is not a header name`, pointer }]
  const lower = name.toLowerCase()
  const whose = framing.includes(lower) ? 'the framing of the message' : connection.includes(lower) ? 'the connection' : pointer[0] === 'request' && own.includes(lower) ? 'the gateway' : undefined
  if (whose === undefined) return []
  const help = lower === 'host' ? 'Choose with `hostHeader` of the upstream which host it sees.' : 'The gateway writes this field itself; leave it out.'
  return [{ code: 'headers/protected-name', message: `${name} belongs to ${whose}`, pointer, help }]
}

function checkValue (value: string, pointer: readonly string[], site: PolicySite): PolicyFinding[] {
  if (!/^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$|^$/.test(value)) {
    const help = /[\r\n\0]/.test(value) ? 'Take the line break out.' : /[^\0-\x7f]/.test(value) ? 'Write it in ASCII, for example percent-encoded.' : 'Take the space around it and the control characters out.'
    return [{ code: 'headers/invalid-value', message: `the value of ${pointer.at(-1)} cannot stand in a header`, pointer, help }]
  }
  return parseTemplate(value).flatMap((part) => {
    if (!('param' in part) || site.params.includes(part.param)) return []
    const known = [...site.params, ...Object.keys(variables)].map((name) => `{${name}}`).join(', ')
    return [{ code: 'headers/unknown-placeholder', message: `{${part.param}} stands for nothing here`, pointer, help: `Known here: ${known}. For a literal brace write {{.` }]
  })
}
