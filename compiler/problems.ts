import { registry } from '../policies/registry.ts'
import type { Problem } from '../schema/diagnostic.ts'
import { passProblems } from './passes/problems.ts'
import { rules } from './rules/index.ts'
import { suppressionProblems } from './suppress.ts'

/** A problem with what declares it. */
export interface CatalogueEntry extends Problem {
  readonly owner: 'pass' | 'rule' | 'policy'
  readonly fixable: boolean
}

/** Every code that `gwc` can report about a config, gathered from those that report it, in the order of the alphabet. */
export function catalogue (): readonly CatalogueEntry[] {
  const entries: CatalogueEntry[] = [
    ...[...passProblems, ...suppressionProblems].map((problem) => entry(problem, 'pass', false)),
    ...rules.map((rule) => entry(rule, 'rule', rule.fixable)),
    ...[...registry.values()].flatMap(({ problems }) => problems.map((problem) => entry(problem, 'policy', false)))
  ]
  return entries.sort((a, b) => (a.code < b.code ? -1 : 1))
}

function entry ({ code, severity, summary, docs, concealed }: Problem, owner: CatalogueEntry['owner'], fixable: boolean): CatalogueEntry {
  return { code, severity, summary, docs, owner, fixable, ...(concealed === true && { concealed }) }
}
