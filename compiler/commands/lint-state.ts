import { mkdir } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { BaseError } from '../base-error.ts'
import { exitCode } from '../exit-code.ts'
import { baselineFile, parseBaseline } from '../lint/baseline.ts'
import type { BaselineEntry } from '../lint/baseline.ts'
import { defaultSettings, parseSettings, settingsFile, withRules } from '../lint/settings.ts'
import type { LintSettings } from '../lint/settings.ts'
import { catalogue } from '../problems.ts'
import { replaceFile } from '../replace-file.ts'
import { UsageError } from '../usage-error.ts'
import type { ConfigFlags } from './config-flags.ts'
import { readIfThere } from './read-if-there.ts'

/** What decides how findings count. */
export interface LintState {
  readonly settings: LintSettings
  readonly baseline: readonly BaselineEntry[]
}

/** The settings and the baseline beside a config, with what the command line says on top. */
export async function readLintState (root: string, { rules = [], baseline }: Pick<ConfigFlags, 'rules' | 'baseline'>, cwd: string): Promise<LintState> {
  const problems = catalogue()
  const file = join(root, settingsFile)
  const text = await readIfThere(file)
  const written = text === undefined ? defaultSettings(problems) : parseSettings(text, problems)
  if ('message' in written) throw new BaseError(`${relative(cwd, file)}:${written.line}:${written.column}: ${written.message}`, exitCode.invalid)
  const settings = withRules(written, rules, problems)
  if (typeof settings === 'string') throw new UsageError(settings)
  const path = baselinePath(root, baseline, cwd)
  const entries = parseBaseline(await readIfThere(path) ?? '[]')
  if (typeof entries === 'string') throw new BaseError(`${relative(cwd, path)}: ${entries}`, exitCode.invalid)
  return { settings, baseline: entries }
}

/** Writes a baseline, whole. */
export async function writeBaseline (path: string, entries: readonly BaselineEntry[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await replaceFile(path, `${JSON.stringify(entries, null, 2)}\n`)
}

export function baselinePath (root: string, file: string | undefined, cwd: string): string {
  return file === undefined ? join(root, baselineFile) : resolve(cwd, file)
}
