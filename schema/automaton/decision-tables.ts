import type { Automaton } from './automaton.ts'
import { nodeTarget, type Decisions } from './decisions.ts'
import type { DfaTables } from './dfa-tables.ts'

type Tables = Pick<Automaton, 'rows' | 'decisions' | 'classifiers' | 'fields' | 'values'>

/** Writes rows, decisions and classifiers; the automata of regular expressions go to `dfas`. */
export function decisionTables (decisions: Decisions, dfas: DfaTables): Tables {
  const fields: string[] = []
  const values: string[] = []
  const classifiers: number[] = []
  const classifierOffsets = decisions.classifiers.map((classifier) => {
    const field = `${classifier.kind} ${classifier.name}`
    if (!fields.includes(field)) fields.push(field)
    const dfa = classifier.dfa === undefined ? -1 : dfas.offset(classifier.dfa)
    const offset = classifiers.push(fields.indexOf(field), values.length, classifier.values.length, dfa) - 4
    append(values, classifier.values)
    append(classifiers, classifier.valueClasses)
    append(classifiers, classifier.otherClasses)
    return offset
  })

  const offsets: number[] = []
  let length = 0
  for (const node of decisions.nodes) {
    offsets.push(length)
    length += 1 + node.targets.length
  }
  const resolve = (target: number): number => (target <= nodeTarget(0) ? nodeTarget(offsets[nodeTarget(target)]!) : target)
  return {
    rows: Int32Array.from(decisions.rows.flat(), resolve),
    decisions: Int32Array.from(decisions.nodes.flatMap((node) => [classifierOffsets[node.classifier]!, ...node.targets.map(resolve)])),
    classifiers: Int32Array.from(classifiers),
    fields,
    values
  }
}

function append<T> (list: T[], items: readonly T[]): void {
  for (const item of items) list.push(item)
}
