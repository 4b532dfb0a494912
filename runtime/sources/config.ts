import { compileReason } from './compile-request.ts'
import type { Compile } from './compile-request.ts'
import type { Source } from './source.ts'
import { watchPaths } from './watch-paths.ts'

export interface ConfigSourceOptions {
  /** Absolute folder. */
  readonly cwd: string
  /** Config file, relative to `cwd`. */
  readonly config?: string | undefined
  readonly compile: Compile
  /** Compile again when a file that the config reads has changed. */
  readonly watch: boolean
}

/** A config in the user's working tree: for development, and for hosts that compile by themselves. */
export function configSource ({ cwd, config, compile, watch }: ConfigSourceOptions): Source {
  const from = config ?? cwd
  let files: ReturnType<typeof watchPaths> | undefined
  let inputs: readonly string[] = []
  return {
    kind: 'config',
    from,
    restoreFirst: false,
    poll: null,
    async look ({ signal }) {
      const result = await compile({ cwd, ...config === undefined ? {} : { config } }, signal)
      if (result.kind === 'failed') return { kind: 'rejected', rejection: { phase: 'compile', reason: result.reason }, revision: null }
      // After a mistake that hides the imports, the files that were known before are watched on.
      inputs = result.kind === 'bundle' ? result.inputs : [...new Set([...inputs, ...result.inputs])]
      files?.follow(inputs)
      if (result.kind === 'invalid') {
        const { diagnostics, frames } = result
        return { kind: 'rejected', rejection: { phase: 'compile', reason: compileReason(diagnostics), diagnostics, frames }, revision: null }
      }
      return { kind: 'candidate', candidate: { bytes: Buffer.from(result.text), provenance: { kind: 'config', from }, mayRewind: true } }
    },
    ...watch
      ? {
          watch (changed: () => void) {
            files = watchPaths(changed)
            return files.close
          }
        }
      : {}
  }
}
