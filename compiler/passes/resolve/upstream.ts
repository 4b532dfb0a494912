import { milliseconds } from '../../../schema/duration.ts'
import type { UpstreamConnections, UpstreamDocument, UpstreamTimeouts } from '../../../schema/generated/gateway.ts'
import { nodeSchemas } from '../../../schema/generated/schemas.ts'
import type { ResolvedTarget, ResolvedUpstream } from '../../../schema/resolved.ts'
import { literal } from '../source-literal.ts'
import { withDefaults } from './defaults.ts'
import type { PolicyResolver } from './policies.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'
import { resolveTarget } from './target.ts'

/** Fills the defaults of an upstream and reads its targets; a bad target is reported and left out. */
export function resolveUpstream (scope: Scope, policies: PolicyResolver, name: string, document: UpstreamDocument, pointer: string): ResolvedUpstream {
  const { balance, hostHeader, timeouts, connections, tls } = withDefaults(nodeSchemas.upstream, {
    ...document, timeouts: { ...document.timeouts }, connections: { ...document.connections }, tls: { ...document.tls }
  }) as UpstreamDocument & { readonly timeouts: Required<UpstreamTimeouts>, readonly connections: Required<UpstreamConnections> }
  const targets: ResolvedTarget[] = []
  for (const [index, target] of document.targets.entries()) {
    const resolved = resolveTarget(target)
    if (!('invalid' in resolved)) {
      targets.push(resolved)
      continue
    }
    const { invalid, suggestion } = resolved
    const place = scope.place(`${pointer}/targets/${index}${typeof target === 'string' ? '' : '/url'}`)
    scope.findings.push(report('upstream/invalid-target', invalid, {
      subject: `upstream:${name}`,
      place,
      ...(suggestion === undefined ? {} : {
        help: `Did you mean ${suggestion}?`,
        fix: { title: `write ${suggestion}`, applicability: 'maybe-incorrect', edits: [{ kind: 'replace-value', place, text: literal(place.origin.file, suggestion) }] }
      })
    }))
  }
  if (targets.length === document.targets.length && targets.every(({ weight }) => weight === 0)) {
    scope.findings.push(report('upstream/no-weight', `every target of '${name}' has weight 0`, { subject: `upstream:${name}`, place: scope.place(`${pointer}/targets`) }))
  }
  return {
    name,
    targets,
    balance: balance ?? 'round-robin',
    hostHeader: hostHeader ?? 'client',
    timeouts: { connect: milliseconds(timeouts.connect), response: milliseconds(timeouts.response), idle: milliseconds(timeouts.idle) },
    connections: { max: connections.max, pending: connections.pending, idle: milliseconds(connections.idle) },
    tls: { verify: tls?.verify ?? true, serverName: tls?.serverName ?? null, ca: tls?.ca ?? null },
    policies: policies.resolve(document.policies, pointer, `upstream:${name}`, 'upstream'),
    pointer
  }
}
