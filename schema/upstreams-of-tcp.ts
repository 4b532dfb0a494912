import type { ResolvedTcpListener } from './resolved.ts'

/** Indices of the upstreams to which a tcp listener may pass a connection, each once. */
export function upstreamsOfTcp ({ to, sni }: Pick<ResolvedTcpListener, 'to' | 'sni'>): readonly number[] {
  return [...new Set([...(to === null ? [] : [to]), ...sni.map(({ upstream }) => upstream)])]
}
