import type { Diagnostic, Place } from '../../../schema/diagnostic.ts'
import type { Pointer } from '../../../schema/origin.ts'
import type { AnyPolicy } from '../../../schema/policy.ts'
import { placeAt } from '../place-at.ts'
import { reporter } from '../reporter.ts'
import { problems } from '../resolve-problems.ts'
import type { ValidConfig } from '../validate.ts'

/** What resolving one node may know and say. The findings are the only thing in it that grows. */
export interface Scope {
  readonly config: ValidConfig
  readonly registry: ReadonlyMap<string, AnyPolicy>
  readonly findings: Diagnostic[]
  /** Index by name, of HTTP listeners. */
  readonly listeners: ReadonlyMap<string, number>
  readonly upstreams: ReadonlyMap<string, number>
  place (pointer: string, rest?: Pointer): Place
}

/** A scope for one run of the pass. */
export function createScope (config: ValidConfig, registry: ReadonlyMap<string, AnyPolicy>): Scope {
  const indexed = (record: object | undefined): ReadonlyMap<string, number> => new Map(Object.keys(record ?? {}).map((name, index) => [name, index]))
  return {
    config,
    registry,
    findings: [],
    listeners: indexed(Object.fromEntries(Object.entries(config.document.listeners).filter(([, { protocol }]) => protocol !== 'tcp'))),
    upstreams: indexed(config.document.upstreams),
    place: (pointer, rest) => placeAt(config, pointer, rest)
  }
}

/** Makes a diagnostic of this pass. */
export const report = reporter(problems)
