import type { Comparison } from '../../schema/policy.ts'
import type { HeadEdits } from './head-edits.ts'
import type { HeadersOptions } from './options.ts'

/** Other fields are neither more nor less strict, so two settings are equal or incomparable; spelling and order of names do not count. */
export function compare (before: HeadersOptions | undefined, after: HeadersOptions | undefined): Comparison {
  return normal(before) === normal(after) ? 'equal' : 'incomparable'
}

function normal (options: HeadersOptions | undefined): string {
  return JSON.stringify([side(options?.request), side(options?.response), options?.response?.on ?? 'all'])
}

function side (edits: HeadEdits | undefined): unknown {
  return [fields(edits?.set), fields(edits?.append), (edits?.remove ?? []).map((name) => name.toLowerCase()).sort()]
}

function fields (values: Readonly<Record<string, string>> | undefined): unknown {
  return Object.entries(values ?? {}).map(([name, value]) => [name.toLowerCase(), value]).sort(([a = ''], [b = '']) => a < b ? -1 : a > b ? 1 : 0)
}
