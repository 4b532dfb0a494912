import { registry } from '../policies/registry.ts'
import type { Problem } from '../schema/diagnostic.ts'
import { passProblems } from './passes/problems.ts'
import { rules } from './rules/index.ts'
import { suppressionProblems } from './suppress.ts'

/** A problem with what declares it. */
export interface CatalogueEntry extends Problem {
  readonly owner: 'pass' | 'rule' | 'policy'
}

/** Every code that `gwc` can report about a config, gathered from those that report it, in the order of the alphabet. */
export function catalogue (): readonly CatalogueEntry[] {
  const entries: CatalogueEntry[] = [
    ...[...passProblems, ...suppressionProblems].map((problem) => entry(problem, 'pass')),
    ...rules.map((rule) => entry(rule, 'rule')),
    ...[...registry.values()].flatMap(({ problems }) => problems.map((problem) => entry(problem, 'policy')))
  ]
  return entries.sort((a, b) => (a.code < b.code ? -1 : 1))
}

/** Only what the catalogue tells: rules and policies are more than problems. */
function entry ({ code, severity, summary, docs, profile, fixable, concealed }: Problem, owner: CatalogueEntry['owner']): CatalogueEntry {
  return { code, severity, summary, docs, owner, ...(profile !== undefined && { profile }), ...(fixable === true && { fixable }), ...(concealed === true && { concealed }) }
}
