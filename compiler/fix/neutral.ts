import { registry } from '../../policies/registry.ts'
import type { Bundle } from '../../schema/bundle.ts'
import { makePlan } from '../plan/make-plan.ts'
import type { PlanSide } from '../plan/plan.ts'
import { sideOf } from '../plan/side.ts'
import type { Side } from '../plan/side.ts'
import { regionText } from '../render/region-text.ts'
import { version } from '../version.ts'

const about: PlanSide = { kind: 'file', ref: '', commit: null, dirty: false, bundle: null, semantic: null }

/** Undefined when two bundles treat every request alike, which is proved; else which requests they do not. */
export function differenceOf (before: Bundle, after: Bundle): string | undefined {
  const [old, now] = [before, after].map((bundle) => sideOf({ bundle, digest: '' })) as [Side, Side]
  const { verdict, changes } = makePlan({ before: old, after: now, base: about, head: about, registry, version })
  if (verdict === 'unchanged') return undefined
  const [region] = changes[0]!.regions
  return changes[0]!.kind === 'unknown' ? `it cannot be told whether ${regionText(region!)} stays the same` : `it would change ${regionText(region!)}`
}
