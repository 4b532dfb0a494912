import type { AnyPolicy } from '../../../schema/policy.ts'
import type { Difference } from '../difference.ts'
import type { Outcome } from '../outcomes.ts'

/** What a facet may look at besides. */
export interface FacetContext {
  readonly registry: ReadonlyMap<string, AnyPolicy>
}

/** Compares one side of what becomes of a request; undefined or empty where nothing differs. Both outcomes have a listener. */
export type Facet = (before: Outcome, after: Outcome, context: FacetContext) => Difference | readonly Difference[] | undefined

/** A difference where two texts differ. */
export function differs (facet: string, before: string, after: string, judged: Pick<Difference, 'order' | 'code'> = { order: 'different', code: undefined }): Difference | undefined {
  return before === after ? undefined : { facet, before, after, ...judged }
}

/** Named parts of a setting, as text. */
export type Parts = Readonly<Record<string, string>>

/** A difference where some part differs; only such parts are told. */
export function partsDiffer (facet: string, before: Parts, after: Parts, judged: Pick<Difference, 'order' | 'code'> = { order: 'different', code: undefined }): Difference | undefined {
  const names = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name])
  const text = (parts: Parts): string => names.map((name) => `${name} ${parts[name] ?? 'none'}`).join(', ')
  return names.length === 0 ? undefined : { facet, before: text(before), after: text(after), ...judged }
}

/** A duration as people write it. */
export function durationText (ms: number): string {
  if (ms === 0) return 'none'
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`
  if (ms % 60_000 === 0) return `${ms / 60_000}m`
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`
}

/** A size as people write it; null: no limit. */
export function sizeText (bytes: number | null): string {
  if (bytes === null) return 'no limit'
  if (bytes % 1_048_576 === 0) return `${bytes / 1_048_576}MiB`
  return bytes % 1024 === 0 ? `${bytes / 1024}KiB` : `${bytes}B`
}
