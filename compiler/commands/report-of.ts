import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Compilation } from '../compile.ts'
import type { Weighed } from '../lint/weigh.ts'
import { catalogue } from '../problems.ts'
import type { Report } from '../render/report.ts'
import { version } from '../version.ts'
import { readLintState } from './lint-state.ts'
import type { LintState } from './lint-state.ts'

/** What renderers need of a compilation: places found, suppressions, settings and baseline applied. File names are relative to `base`. */
export async function reportOf (compilation: Compilation, base: string, errorsOnly: boolean, lint?: LintState): Promise<Report> {
  const sorted = await weighed(compilation, base, lint ?? await readLintState(compilation.root, {}, base))
  const entries = new Map(catalogue().map((entry) => [entry.code, entry]))
  return {
    findings: sorted.findings.filter(({ diagnostic }) => !errorsOnly || diagnostic.severity === 'error'),
    suppressed: errorsOnly ? [] : sorted.suppressed,
    read: readOnce(base),
    problem: (code) => entries.get(code),
    version
  }
}

/** The findings of a compilation as they count here. */
export async function weighed (compilation: Compilation, base: string, { settings, baseline }: LintState): Promise<Weighed> {
  const [{ findings }, { suppress }, { locator }, { weigh }] = await Promise.all([
    import('../render/finding.ts'), import('../suppress.ts'), import('../locate.ts'), import('../lint/weigh.ts')
  ])
  const { root, diagnostics, strict = [], inputs } = compilation
  const read = readOnce(base)
  const sources = inputs.filter((file) => /\.[cm]?[jt]s$/.test(file) && !/[\\/]node_modules[\\/]/.test(file)).map((file) => relative(base, file).replaceAll('\\', '/'))
  // What nobody asked for is left out early, for finding places takes time; that a comment or the baseline is about it must be known.
  const unheard = new Set(strict.filter(({ code, severity }) => settings.level(code, severity) === 'unasked').map(({ code }) => code))
  for (const { code } of baseline) unheard.delete(code)
  for (const code of unheard) if (sources.some((file) => read(file)?.includes(code))) unheard.delete(code)
  const sorted = suppress(findings([...diagnostics, ...strict.filter(({ code }) => !unheard.has(code))], root, base, locator(root)), sources, read, new Date().toISOString().slice(0, 10), settings.isLocked)
  return weigh(sorted, settings, baseline)
}

function readOnce (base: string): Report['read'] {
  const texts = new Map<string, string | undefined>()
  return (file) => {
    if (!texts.has(file)) texts.set(file, textOf(join(base, file)))
    return texts.get(file)
  }
}

function textOf (path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // A frame is left out when its file is gone; the finding itself is still told.
    return undefined
  }
}
