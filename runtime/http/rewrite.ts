import type { BundleRoute } from '../../schema/bundle.ts'
import { normalizePath } from '../../schema/normalize.ts'
import type { HttpExchange } from './exchange.ts'

/** The path to ask the upstream for, or undefined when a rewrite made one that is not normal: it would be read otherwise behind the gateway. */
export function upstreamPath (exchange: HttpExchange, rewrite: BundleRoute['rewrite']): string | undefined {
  if (rewrite === null) return exchange.path
  let path = ''
  for (const part of rewrite) path += 'text' in part ? part.text : exchange.paramAt(part.param)
  return path.startsWith('/') && normalizePath(path) === path ? path : undefined
}
