import type { Analysis } from '../../schema/automaton/analysis.ts'
import type { Diagnostic, Severity } from '../../schema/diagnostic.ts'
import type { Config } from '../../schema/document.ts'
import { invariant } from '../../schema/invariant.ts'
import { pathParams } from '../../schema/path.ts'
import type { AnyPolicy, PolicyFinding, PolicySite } from '../../schema/policy.ts'
import type { Resolved, ResolvedInvariant, ResolvedPolicy } from '../../schema/resolved.ts'
import type { Rule, RuleContext } from '../rules/rule.ts'
import { walkWithProbes } from '../plan/probed-walk.ts'
import type { ProbedWalk } from '../plan/probed-walk.ts'
import { outcome } from './pass.ts'
import type { Outcome } from './pass.ts'
import { placeAt } from './place-at.ts'

/** A gateway that no rule and no policy refuses. */
export interface Checked {
  readonly resolved: Resolved
  /** What rules of the profile `strict` found. */
  readonly strict: readonly Diagnostic[]
}

/** Runs every rule, and the check of every policy at every place where it stands. */
export function check (config: Config, resolved: Resolved, analysis: Analysis, rules: readonly Rule[], registry: ReadonlyMap<string, AnyPolicy>): Outcome<Checked> {
  const walks = new Map<ResolvedInvariant, ProbedWalk>()
  const context: RuleContext = {
    config,
    resolved,
    analysis,
    place: (pointer, rest) => placeAt(config, pointer, rest),
    walkOf: (promise) => {
      let walk = walks.get(promise)
      // The invariant's requests are those that a gateway with this one route would take.
      if (walk === undefined) walks.set(promise, walk = walkWithProbes(resolved, [promise.match]))
      return walk
    }
  }
  const found = (profile: Rule['profile']): Diagnostic[] => rules.filter((rule) => rule.profile === profile).flatMap((rule) => rule.check(context))
  return outcome({ resolved, strict: found('strict') }, [...found(undefined), ...checkPolicies(config, resolved, registry)])
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
