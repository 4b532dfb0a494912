import type { Place } from '../../../schema/diagnostic.ts'
import { closest } from '../closest.ts'
import { literal } from '../source-literal.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

/** The index of a name, or undefined after reporting that nothing has it. */
export function resolveReference (scope: Scope, kind: 'upstream' | 'listener', name: string, pointer: string): number | undefined {
  const names = kind === 'upstream' ? scope.upstreams : scope.listeners
  const index = names.get(name)
  if (index === undefined) scope.findings.push(notFound(kind, name, names, scope.place(pointer)))
  return index
}

/** Indices of the named listeners, ascending. */
export function resolveListeners (scope: Scope, names: readonly string[], pointer: string): readonly number[] {
  const indices = names.map((name, at) => resolveReference(scope, 'listener', name, `${pointer}/listeners/${at}`))
  return indices.filter((index) => index !== undefined).sort((a, b) => a - b)
}

function notFound (kind: string, name: string, names: ReadonlyMap<string, number>, place: Place) {
  const meant = closest(name, names.keys())
  return report('ref/not-found', `there is no ${kind} '${name}'`, {
    place,
    ...(meant !== undefined
      ? {
          help: `Did you mean '${meant}'?`,
          fix: { title: `write '${meant}'`, applicability: 'safe', edits: [{ kind: 'replace-value', place, text: literal(place.origin.file, meant) }] }
        }
      : { help: names.size === 0 ? `There are no ${kind}s.` : `The ${kind}s are ${[...names.keys()].join(', ')}.` })
  })
}
