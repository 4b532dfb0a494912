import { normalizePath } from '../../../schema/normalize.ts'
import type { RouteAction } from '../../../schema/resolved.ts'
import { closest } from '../closest.ts'
import { literal } from '../source-literal.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

type Parts = Exclude<RouteAction['rewrite'], null>

/** Splits a rewrite into text and parameters; a part that is wrong is reported. */
export function resolveRewrite (scope: Scope, rewrite: string, params: readonly string[], pointer: string): Parts {
  const place = scope.place(`${pointer}/rewrite`)
  const before = scope.findings.length
  const parts: ({ readonly text: string } | { readonly param: string })[] = []
  for (const { 0: whole, 1: name, index } of rewrite.matchAll(/\{([^{}]*)\}|[^{}]+|[{}]/g)) {
    if (whole === '{' || whole === '}') {
      scope.findings.push(report('rewrite/invalid-path', `${whole} has no partner`, { place: { ...place, part: index }, help: 'A parameter is written {name}.' }))
    } else if (name === undefined) parts.push({ text: whole })
    else if (params.includes(name)) parts.push({ param: name })
    else unknown(name, index)
  }
  if (scope.findings.length > before) return parts
  // A parameter stands for text that is normal and not empty, so it is normal exactly when the text around it is.
  const sample = parts.map((part) => ('text' in part ? part.text : 'x')).join('')
  const normal = normalizePath(sample)
  const wrong = /[?#]/.test(sample) ? 'a rewrite has no query and no fragment' : typeof normal !== 'string' ? normal.invalid : normal !== sample ? `it would reach the upstream as ${normal}` : undefined
  if (wrong !== undefined) scope.findings.push(report('rewrite/invalid-path', `this rewrite is not a path in normal form: ${wrong}`, { place }))
  return parts

  function unknown (name: string, index: number): void {
    const meant = closest(name, params)
    scope.findings.push(report('rewrite/unknown-parameter', `the path has no parameter '${name}'`, {
      place: { ...place, part: index },
      ...(meant === undefined
        ? { help: params.length === 0 ? 'The path of this route has no parameters.' : `Its parameters: ${params.join(', ')}.` }
        : {
            help: `Did you mean {${meant}}?`,
            fix: {
              title: `write {${meant}}`,
              applicability: 'safe',
              edits: [{ kind: 'replace-value', place, text: literal(place.origin.file, rewrite.replaceAll(`{${name}}`, `{${meant}}`)) }]
            }
          })
    }))
  }
}
