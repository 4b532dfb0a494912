import { registry } from '../policies/registry.ts'
import type { Bundle } from '../schema/bundle.ts'
import type { Diagnostic } from '../schema/diagnostic.ts'
import type { Config } from '../schema/document.ts'
import type { Resolved } from '../schema/resolved.ts'
import { buildRoutes } from './passes/automaton.ts'
import type { RouteAutomaton } from './passes/automaton.ts'
import { buildChains } from './passes/chains.ts'
import type { Chains } from './passes/chains.ts'
import { check } from './passes/check.ts'
import { emit } from './passes/emit.ts'
import type { PassLog } from './passes/pass-log.ts'
import { reaches } from './passes/pass.ts'
import type { PassName } from './passes/pass.ts'
import { resolve } from './passes/resolve.ts'
import { validate } from './passes/validate.ts'
import { readRevision } from './revision.ts'
import { rules } from './rules/index.ts'

/** What the passes gave. A missing member: its pass did not run or failed. */
export interface Products {
  config?: Config
  resolved?: Resolved
  automaton?: RouteAutomaton
  /** What rules of the profile `strict` found: no diagnostics but for those who ask. */
  strict?: readonly Diagnostic[]
  chains?: Chains
  bundle?: Bundle
}

/** The files of a config, for its revision. */
export interface ConfigSources {
  readonly root: string
  readonly inputs: readonly string[]
  readonly sequence: number | undefined
}

/** The passes over a loaded config, each fed with what those before it gave. */
export async function compileDocument (config: Config, { root, inputs, sequence }: ConfigSources, until: PassName, log: PassLog): Promise<Products> {
  const made: Products = { config }
  const revision = reaches(until, 'emit') ? readRevision(root, inputs, sequence) : undefined
  const { output: valid } = await log.run('validate', () => validate(config, registry))
  if (valid === undefined || until === 'validate') return made
  const { output: resolved } = await log.run('resolve', () => resolve(valid, registry))
  if (resolved === undefined) return made
  made.resolved = resolved
  if (until === 'resolve') return made
  const { output: automaton } = await log.run('automaton', () => buildRoutes(config, resolved))
  if (automaton === undefined) return made
  made.automaton = automaton
  if (until === 'automaton') return made
  const { output: checked } = await log.run('check', () => check(config, resolved, automaton.analysis, rules, registry))
  if (checked === undefined) return made
  made.strict = checked.strict
  if (until === 'check') return made
  const { output: chains } = await log.run('chains', () => buildChains(checked, registry))
  if (chains === undefined) return made
  made.chains = chains
  if (revision === undefined) return made
  const { output: bundle } = await log.run('emit', async () => emit(config, checked, automaton, chains, await revision))
  if (bundle !== undefined) made.bundle = bundle
  return made
}
