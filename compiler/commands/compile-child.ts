import { writeBundle } from '../../schema/bundle-file.ts'
import type { CompileRequest, CompileResult } from '../../runtime/sources/compile-request.ts'
import type { PlacedFinding } from '../../runtime/rejection.ts'
import type { Compilation } from '../compile.ts'
import { compile } from '../compile.ts'
import type { ConfigFlags } from './config-flags.ts'
import { report } from './report.ts'

/** What the parent process sends once. */
export interface ChildRequest extends CompileRequest {
  readonly types: boolean
}

/** Entry of the process that `compile-process.ts` starts: compiles one config and tells its parent. */
process.once('message', (request: ChildRequest) => {
  void answer(request).then((result) => {
    process.send!(result, () => { process.disconnect() })
  })
})

async function answer ({ cwd, config, types, revision }: ChildRequest): Promise<CompileResult> {
  // What comes out of a repository may import what is in it, and none of this machine's files.
  const within = revision === undefined ? {} : { within: cwd }
  const compilation = await compile({ cwd, env: process.env, types, ...within, ...config === undefined ? {} : { config } }, 'emit')
  const { bundle, inputs } = compilation
  if (bundle === undefined) {
    return { kind: 'invalid', diagnostics: placed(await rendered(compilation, cwd, 'json')), frames: await rendered(compilation, cwd, 'pretty'), inputs }
  }
  const text = writeBundle(revision === undefined ? bundle : { ...bundle, revision: { ...revision, dirty: false } })
  return { kind: 'bundle', text, inputs }
}

/** What `gwc validate` would print, without colours. */
async function rendered (compilation: Compilation, cwd: string, format: 'pretty' | 'json'): Promise<string> {
  const flags: ConfigFlags = { config: undefined, types: false, format, files: [], quiet: true, failOn: 'error', maxWarnings: Infinity }
  let text = ''
  const out = (part: string): void => { text += part }
  await report(compilation, flags, { cwd, env: {}, out, err: out, color: false, signal: new AbortController().signal }, true)
  return text
}

function placed (json: string): PlacedFinding[] {
  interface Finding extends Omit<PlacedFinding, 'file' | 'line' | 'column'> {
    readonly location?: { readonly file: string, readonly range: { readonly start: { readonly line: number, readonly column: number } } }
  }
  const { findings } = JSON.parse(json) as { readonly findings: readonly Finding[] }
  return findings.map(({ code, severity, message, help, location }) => ({
    code, severity, message,
    ...help === undefined ? {} : { help },
    ...location === undefined ? {} : { file: location.file, line: location.range.start.line, column: location.range.start.column }
  }))
}
