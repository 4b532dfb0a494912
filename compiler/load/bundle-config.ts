import { realpathSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, resolve, sep } from 'node:path'
import { build } from 'esbuild'
import type { BuildFailure, Location, Message, Plugin } from 'esbuild'

/** A config and all that it imports as one script, with the files it came from. */
export interface BundledConfig {
  readonly code: string
  /** Source map (version 3) of `code`; its sources are absolute paths. */
  readonly map: { readonly sources: readonly string[], readonly sourcesContent: readonly string[], readonly mappings: string } & Record<string, unknown>
  /** Absolute paths. */
  readonly inputs: readonly string[]
}

/** Texts that stand in place of files, by absolute path. */
export type Overlay = ReadonlyMap<string, string>

/** Bounds of what a config is made of. */
export interface BundleOptions {
  readonly overlay?: Overlay | undefined
  /** Absolute folder outside of which nothing can be imported. Default: no bound. */
  readonly within?: string | undefined
}

/** A finding of the bundler. Lines are 1-based, columns 1-based and in UTF-16 units. */
export interface BundleProblem {
  readonly kind: 'syntax-error' | 'unresolved-import' | 'outside-import' | 'builtin-import' | 'unsupported-syntax'
  readonly message: string
  readonly file: string | undefined
  readonly line: number
  readonly column: number
  /** What the message is about: the name of a module. */
  readonly subject?: string
}

const builtins = new RegExp(`^(?:node:.+|${builtinModules.filter((name) => /^[a-z]/.test(name)).join('|')})$`)

/** Bundles a config in memory: nothing is written, and what cannot be part of a config is told with its position. */
export async function bundleConfig (entry: string, { overlay = new Map(), within }: BundleOptions = {}): Promise<BundledConfig | { readonly problems: readonly BundleProblem[], readonly inputs: readonly string[] }> {
  const root = dirname(entry)
  const read = new Set([entry])
  const inputs = (): string[] => [...read].sort()
  try {
    const result = await build({
      entryPoints: [entry],
      absWorkingDir: root,
      outfile: join(root, 'gateway.config.js'),
      write: false,
      bundle: true,
      platform: 'neutral',
      format: 'cjs',
      target: 'es2022',
      mainFields: ['module', 'main'],
      conditions: ['module'],
      resolveExtensions: ['.ts', '.mts', '.js', '.mjs', '.cts', '.cjs', '.json'],
      sourcemap: 'external',
      logLevel: 'silent',
      charset: 'utf8',
      // Modules are strict; without this their translation is not.
      banner: { js: '"use strict";' },
      plugins: [ownModules, ...(within === undefined ? [] : [boundary(realpathSync(within))]), sourceFiles(read, overlay)]
    })
    const problems = result.warnings.filter(({ id }) => id === 'empty-import-meta').map((message) => problemOf(root, message, 'unsupported-syntax'))
    if (problems.length > 0) return { problems, inputs: inputs() }
    const [map, code] = ['.js.map', '.js'].map((ending) => result.outputFiles.find(({ path }) => path.endsWith(ending)))
    const parsed = JSON.parse(map?.text ?? '{}') as BundledConfig['map']
    return {
      code: code?.text ?? '',
      map: { ...parsed, sources: parsed.sources.map((source) => resolve(root, source)) },
      inputs: inputs()
    }
  } catch (error) {
    const errors = (error as Partial<BuildFailure>).errors
    if (errors === undefined) throw error
    return { problems: errors.map((message) => problemOf(root, message, kindOf(message))), inputs: inputs() }
  }
}

/** `gwc` is this very package, installed beside the config or not; the child that evaluates the config supplies it. */
const ownModules: Plugin = {
  name: 'gwc',
  setup ({ onResolve }) {
    onResolve({ filter: /^gwc(?:\/policies)?$/ }, ({ path }) => ({ path, external: true }))
    onResolve({ filter: builtins }, async ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { errors: [{ text: `node's ${path} is not available`, detail: 'builtin' }] })
  }
}

/** Refuses imports that lead out of a folder: a config from elsewhere must not carry this machine's files away in its bundle. */
function boundary (within: string): Plugin {
  const checked = {}
  return {
    name: 'boundary',
    setup ({ onResolve, resolve: resolveImport }) {
      onResolve({ filter: /.*/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === checked) return undefined
        const result = await resolveImport(path, { importer, resolveDir, kind, pluginData: checked })
        const outside = result.errors.length === 0 && result.namespace === 'file' && !result.external && !`${result.path}${sep}`.startsWith(`${within}${sep}`)
        return outside ? { errors: [{ text: `Could not read "${path}"`, detail: 'outside' }] } : result
      })
    }
  }
}

/** Notes the files as they are read, so that they are known when bundling fails too. */
function sourceFiles (read: Set<string>, overlay: Overlay): Plugin {
  return {
    name: 'source-files',
    setup ({ onLoad }) {
      onLoad({ filter: /.*/, namespace: 'file' }, ({ path }) => {
        read.add(path)
        const contents = overlay.get(path)
        return contents === undefined ? undefined : { contents, loader: 'default' }
      })
    }
  }
}

function kindOf (message: Message): BundleProblem['kind'] {
  if (message.detail === 'builtin') return 'builtin-import'
  if (message.detail === 'outside') return 'outside-import'
  if (/^Could not (resolve|read)/.test(message.text)) return 'unresolved-import'
  return /top-level await/i.test(message.text) ? 'unsupported-syntax' : 'syntax-error'
}

function problemOf (root: string, message: Message, kind: BundleProblem['kind']): BundleProblem {
  const { location, text } = message
  const subject = /^Could not (?:resolve|read) "(.*?)"/.exec(text)?.[1] ?? /^node's (\S+)/.exec(text)?.[1]
  return {
    kind,
    message: text,
    ...(location === null ? { file: undefined, line: 1, column: 1 } : { file: resolve(root, location.file), line: location.line, column: columnOf(location) }),
    ...(subject === undefined ? {} : { subject })
  }
}

/** esbuild counts columns from 0 in UTF-8 bytes. */
function columnOf ({ lineText, column }: Location): number {
  return Buffer.from(lineText).subarray(0, column).toString('utf8').length + 1
}
