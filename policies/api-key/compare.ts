import type { Comparison } from '../../schema/policy.ts'
import type { ApiKeyOptions } from './options.ts'

/** Fewer keys are stricter, and keys are stricter than none asked for. */
export function compare (before: ApiKeyOptions | undefined, after: ApiKeyOptions | undefined): Comparison {
  if (before === undefined || after === undefined) return before === after ? 'equal' : before === undefined ? 'stricter' : 'looser'
  if (place(before) !== place(after) || (before.forward ?? false) !== (after.forward ?? false)) return 'incomparable'
  const old = keys(before)
  const now = keys(after)
  const fewer = [...now].every((key) => old.has(key))
  const more = [...old].every((key) => now.has(key))
  return fewer ? more ? 'equal' : 'stricter' : more ? 'looser' : 'incomparable'
}

function keys ({ keys }: ApiKeyOptions): ReadonlySet<string> {
  return new Set(keys.map(({ id, hash }) => `${id} ${typeof hash === 'string' ? hash : `$${hash.$secret}`}`))
}

/** Header names are not case-sensitive, names in the query are. */
function place (options: ApiKeyOptions): string {
  const text = options.in ?? 'header:x-api-key'
  return text.startsWith('header:') ? text.toLowerCase() : text
}
