import { readFileSync } from 'node:fs'
import type { Config } from '../../schema/document.ts'
import { bundleConfig } from '../load/bundle-config.ts'
import type { Overlay } from '../load/bundle-config.ts'
import { bundleDiagnostic } from '../load/bundle-diagnostics.ts'
import { evaluationOutcome } from '../load/evaluation-outcome.ts'
import { startEvaluator } from '../load/evaluator.ts'
import type { EvaluationLimits } from '../load/evaluator.ts'
import { jsonConfig } from '../load/json-config.ts'
import { originFile } from '../load/positions.ts'
import { refuseReservedKeys } from '../load/reserved-keys.ts'
import type { Found } from './find.ts'
import { problems } from './load-problems.ts'
import { outcome } from './pass.ts'
import type { Outcome } from './pass.ts'
import { reporter } from './reporter.ts'

/** What the load pass gives; the files it read are known even when it fails, for they are what to watch. */
export interface LoadOutcome extends Outcome<Config> {
  readonly inputs: readonly string[]
  /** Whether the sources at least parse, so that other passes over the sources have something to say. */
  readonly parsed: boolean
}

/** What a config may read, and how much it may use. */
export interface LoadOptions {
  /** What `env('NAME')` may read. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly overlay?: Overlay | undefined
  /** Folder outside of which nothing can be imported. */
  readonly within?: string | undefined
  readonly limits?: EvaluationLimits | undefined
}

const report = reporter(problems)

/** Reads or evaluates the config. This pass and `types` are the only ones that touch the world. */
export async function load (found: Found, options: LoadOptions): Promise<LoadOutcome> {
  return found.language === 'json' ? loadJson(found, options) : await loadProgram(found, options)
}

function loadJson ({ entry, root }: Found, { overlay }: LoadOptions): LoadOutcome {
  let text
  try {
    text = overlay?.get(entry) ?? readFileSync(entry, 'utf8')
  } catch (error) {
    return { output: undefined, diagnostics: [report('config/not-found', `the config cannot be read: ${(error as Error).message}`)], inputs: [entry], parsed: false }
  }
  const { config, diagnostics } = jsonConfig(originFile(root, entry), text)
  if (config === undefined) return { output: undefined, diagnostics, inputs: [entry], parsed: false }
  return { ...outcome(config, [...diagnostics, ...refuseReservedKeys(config)]), inputs: [entry], parsed: true }
}

async function loadProgram ({ entry, root }: Found, { env, overlay, within, limits }: LoadOptions): Promise<LoadOutcome> {
  const evaluator = startEvaluator(limits)
  const bundled = await bundleConfig(entry, { overlay, within })
  if ('problems' in bundled) {
    evaluator.dispose()
    return { output: undefined, diagnostics: bundled.problems.map((problem) => bundleDiagnostic(root, entry, problem)), inputs: bundled.inputs, parsed: false }
  }
  const evaluated = await evaluator.evaluate(bundled.code, env)
  return { ...evaluationOutcome(root, entry, bundled, evaluated), inputs: bundled.inputs, parsed: true }
}
