import type { Comparison } from '../../schema/policy.ts'
import type { HeadEdits } from './head-edits.ts'
import type { HeadersOptions } from './options.ts'

/**
 * Fields of requests that are removed are what clients must not say: fewer of them are looser. All other settings are neither more nor less strict.
 * Spelling and order of names do not count.
 */
export function compare (before: HeadersOptions | undefined, after: HeadersOptions | undefined): Comparison {
  if (rest(before) !== rest(after)) return 'incomparable'
  const [old, now] = [removed(before), removed(after)]
  const fewer = [...now].every((name) => old.has(name))
  const more = [...old].every((name) => now.has(name))
  return fewer ? more ? 'equal' : 'looser' : more ? 'stricter' : 'incomparable'
}

/** Everything but the fields that are removed from requests. */
function rest (options: HeadersOptions | undefined): string {
  return JSON.stringify([side({ ...options?.request, remove: [] }), side(options?.response), options?.response?.on ?? 'all'])
}

function removed (options: HeadersOptions | undefined): ReadonlySet<string> {
  return new Set((options?.request?.remove ?? []).map((name) => name.toLowerCase()))
}

function side (edits: HeadEdits | undefined): unknown {
  return [fields(edits?.set), fields(edits?.append), (edits?.remove ?? []).map((name) => name.toLowerCase()).sort()]
}

function fields (values: Readonly<Record<string, string>> | undefined): unknown {
  return Object.entries(values ?? {}).map(([name, value]) => [name.toLowerCase(), value]).sort(([a = ''], [b = '']) => a < b ? -1 : a > b ? 1 : 0)
}
