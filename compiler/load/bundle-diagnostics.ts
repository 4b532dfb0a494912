import type { Diagnostic, Place } from '../../schema/diagnostic.ts'
import { problems } from '../passes/load-problems.ts'
import { reporter } from '../passes/reporter.ts'
import type { BundleProblem } from './bundle-config.ts'
import { impureModule, impurities, pureHelp } from './impure-names.ts'
import { originFile } from './positions.ts'

const report = reporter(problems)

/** What the bundler found, as the user should read it. */
export function bundleDiagnostic (root: string, entry: string, problem: BundleProblem): Diagnostic {
  const { kind, message, subject = '', file = entry, line, column } = problem
  const place: Place = { origin: { file: originFile(root, file), line, column } }
  if (kind === 'builtin-import') {
    const what = impureModule(subject)
    return report('config/impure', what === undefined ? `${subject} is a module of Node, and a config runs without Node` : `${subject} ${impurities[what]}`, { place, help: pureHelp })
  }
  if (kind === 'unresolved-import') return report('config/unresolved-import', `cannot find ${subject}`, { place })
  if (kind === 'outside-import') return report('config/unresolved-import', `${subject} lies outside of the project`, { place })
  if (kind === 'unsupported-syntax') {
    const awaits = /await/.test(message)
    return report('config/unsupported-syntax', awaits ? '`await` at the top level: a config is evaluated synchronously' : '`import.meta` has no meaning in a config', {
      place, help: awaits ? 'Remove the `await`; a config has nothing to wait for.' : 'Paths in options are relative to the folder of the config.'
    })
  }
  return report('config/syntax-error', message, { place })
}
