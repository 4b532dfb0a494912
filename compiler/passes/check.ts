import type { Analysis } from '../../schema/automaton/analysis.ts'
import type { Diagnostic, Severity } from '../../schema/diagnostic.ts'
import type { Config } from '../../schema/document.ts'
import { invariant } from '../../schema/invariant.ts'
import { pathParams } from '../../schema/path.ts'
import type { AnyPolicy, PolicyFinding, PolicySite } from '../../schema/policy.ts'
import type { Resolved, ResolvedPolicy } from '../../schema/resolved.ts'
import type { Rule } from '../rules/rule.ts'
import { outcome } from './pass.ts'
import type { Outcome } from './pass.ts'
import { placeAt } from './place-at.ts'

/** A gateway that no rule and no policy refuses. */
export interface Checked {
  readonly resolved: Resolved
}

/** Runs every rule, and the check of every policy at every place where it stands. */
export function check (config: Config, resolved: Resolved, analysis: Analysis, rules: readonly Rule[], registry: ReadonlyMap<string, AnyPolicy>): Outcome<Checked> {
  const context = { config, resolved, analysis, place: (pointer: string, rest?: readonly (string | number)[]) => placeAt(config, pointer, rest) }
  const found = [...rules.flatMap((rule) => rule.check(context)), ...checkPolicies(config, resolved, registry)]
  return outcome({ resolved }, found)
}

function checkPolicies (config: Config, resolved: Resolved, registry: ReadonlyMap<string, AnyPolicy>): Diagnostic[] {
  const found = new Map<string, Diagnostic>()
  // A group's policy stands on each of its routes; those with the same parameters are one site to it.
  const done = new Set<string>()
  const visit = (policy: ResolvedPolicy, params: readonly string[]): void => {
    const key = `${policy.pointer} ${params.join(' ')}`
    const definition = registry.get(policy.name)
    invariant(definition !== undefined, `policy ${policy.name} is not in the registry`)
    if (definition.check === undefined || done.has(key)) return
    done.add(key)
    // The options were validated against the definition's own schema.
    const findings = (definition.check as (options: object, site: PolicySite) => readonly PolicyFinding[])(policy.options, { target: policy.target, params })
    for (const { code, message, pointer = [], help } of findings) {
      const severity: Severity = definition.problems.find((problem) => problem.code === code)?.severity ?? 'error'
      const place = placeAt(config, policy.pointer, [policy.name, ...pointer])
      found.set(JSON.stringify([code, place]), { code, severity, message, subject: policy.id, place, ...(help === undefined ? {} : { help }) })
    }
  }
  for (const { policies } of [...resolved.listeners, ...resolved.upstreams]) for (const policy of policies) visit(policy, [])
  for (const { match, policies } of resolved.routes) for (const policy of policies) visit(policy, pathParams(match.path))
  return [...found.values()]
}
