import type { UpstreamDocument } from '../../../schema/generated/gateway.ts'
import type { ResolvedTarget } from '../../../schema/resolved.ts'
import { literal } from '../source-literal.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'
import { resolveTarget } from './target.ts'

/** Reads the targets of an upstream; what is none is reported and left out. */
export function resolveTargets (scope: Scope, name: string, documents: UpstreamDocument['targets'], pointer: string): readonly ResolvedTarget[] {
  const subject = `upstream:${name}`
  const targets: ResolvedTarget[] = []
  for (const [index, target] of documents.entries()) {
    const resolved = resolveTarget(target)
    if (!('invalid' in resolved)) {
      targets.push(resolved)
      continue
    }
    const { invalid, suggestion } = resolved
    const place = scope.place(`${pointer}/targets/${index}${typeof target === 'string' ? '' : '/url'}`)
    scope.findings.push(report('upstream/invalid-target', invalid, {
      subject,
      place,
      ...(suggestion === undefined ? {} : {
        help: `Did you mean ${suggestion}?`,
        fix: { title: `write ${suggestion}`, applicability: 'maybe-incorrect', edits: [{ kind: 'replace-value', place, text: literal(place.origin.file, suggestion) }] }
      })
    }))
  }
  if (targets.length === documents.length) {
    const place = scope.place(`${pointer}/targets`)
    if (targets.every(({ weight }) => weight === 0)) scope.findings.push(report('upstream/no-weight', `every target of '${name}' has weight 0`, { subject, place }))
    if (new Set(targets.map(({ scheme }) => scheme === 'tcp')).size > 1) scope.findings.push(report('upstream/mixed-schemes', `'${name}' has tcp targets beside others`, { subject, place }))
  }
  return targets
}
