import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { exitCode } from '../exit-code.ts'
import { BaseError } from '../base-error.ts'

const pattern = /\.route\.test\.[cm]?[jt]s$/

/** All files of route tests below a folder, in the order of the alphabet; packages and hidden folders are left out. */
export function findRouteTests (folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : findRouteTests(path)
    return pattern.test(entry.name) ? [path] : []
  }).sort()
}

/** Runs a file of route tests: it is bundled with the files it imports, and nothing is written beside it. */
export async function loadRouteTest (file: string, cwd: string): Promise<void> {
  const name = relative(cwd, file)
  const folder = mkdtempSync(join(tmpdir(), 'gwc-route-test-'))
  const script = join(folder, 'test.mjs')
  try {
    await build({
      entryPoints: [file], bundle: true, outfile: script, format: 'esm', platform: 'node', target: 'node20', sourcemap: 'inline', sourcesContent: false, logLevel: 'silent', absWorkingDir: cwd, plugins: [packages]
    }).catch((error: Error) => { throw new BaseError(`${name} cannot be read: ${error.message}`, exitCode.invalid) })
    // What fails is told with its place in the user's file.
    process.setSourceMapsEnabled(true)
    await import(pathToFileURL(script).href).catch((error: unknown) => { throw new BaseError(`${name} fails: ${(error as Error).stack ?? String(error)}`, exitCode.testFailed) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Packages are imported from where the test file finds them; `gwc` is this one. */
const packages: Plugin = {
  name: 'packages',
  setup ({ onResolve }) {
    const own: Readonly<Record<string, string>> = { gwc: '../../schema/index.js', 'gwc/policies': '../../policies/index.js', 'gwc/test': '../route-test/index.js' }
    onResolve({ filter: /^[^./]/ }, ({ path, kind, resolveDir }) => {
      if (kind === 'entry-point' || path.startsWith('node:')) return undefined
      const mine = own[path]
      if (mine !== undefined) return { path: new URL(mine, import.meta.url).href, external: true }
      try {
        const found = createRequire(join(resolveDir, 'x.js')).resolve(path)
        return { path: found === path ? path : pathToFileURL(found).href, external: true }
      } catch {
        return { errors: [{ text: `the package ${path} is not installed` }] }
      }
    })
  }
}

