import type { UpstreamNode } from './upstream.ts'

const declared: UpstreamNode[] = []

/** Remembers an upstream, so that one to which no route leads can be reported. */
export function declareUpstream (node: UpstreamNode): UpstreamNode {
  declared.push(node)
  return node
}

/** The upstreams made since the last `forgetUpstreams`, in order. */
export function declaredUpstreams (): readonly UpstreamNode[] {
  return declared
}

/** Starts anew. A process that evaluates several configs calls it before each. */
export function forgetUpstreams (): void {
  declared.length = 0
}
