import type { ResolvedTarget } from '../../schema/resolved.ts'

/** The `Host` of a target: without the port where it is that of the scheme. */
export function authorityOf ({ scheme, host, port }: ResolvedTarget): string {
  return port === (scheme === 'https' ? 443 : 80) ? host : `${host}:${port}`
}
