import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Compilation } from '../compile.ts'
import type { Report } from '../render/report.ts'
import { version } from '../version.ts'

/** What renderers need of a compilation: places found, suppressions applied. File names are relative to `base`. */
export async function reportOf (compilation: Compilation, base: string, errorsOnly: boolean): Promise<Report> {
  const [{ findings }, { suppress }, { locate }, { catalogue }] = await Promise.all([
    import('../render/finding.ts'), import('../suppress.ts'), import('../locate.ts'), import('../problems.ts')
  ])
  const { root, diagnostics, inputs } = compilation
  const read = readOnce(base)
  const sources = inputs.filter((file) => /\.[cm]?[jt]s$/.test(file) && !/[\\/]node_modules[\\/]/.test(file)).map((file) => relative(base, file).replaceAll('\\', '/'))
  const sorted = suppress(findings(diagnostics, root, base, (place) => locate(root, place)), sources, read, new Date().toISOString().slice(0, 10))
  const entries = new Map(catalogue().map((entry) => [entry.code, entry]))
  return {
    findings: sorted.findings.filter(({ diagnostic }) => !errorsOnly || diagnostic.severity === 'error'),
    suppressed: errorsOnly ? [] : sorted.suppressed,
    read,
    problem: (code) => entries.get(code),
    version
  }
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
