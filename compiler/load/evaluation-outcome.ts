import type { Diagnostic, Place } from '../../schema/diagnostic.ts'
import type { Config } from '../../schema/document.ts'
import type { Origin } from '../../schema/origin.ts'
import { problems } from '../passes/load-problems.ts'
import { outcome } from '../passes/pass.ts'
import type { Outcome } from '../passes/pass.ts'
import { placeAt } from '../passes/place-at.ts'
import { reporter } from '../passes/reporter.ts'
import type { BundledConfig } from './bundle-config.ts'
import type { EvaluationReply, RawPosition } from './evaluation.ts'
import type { Evaluated } from './evaluator.ts'
import { impureGlobal, impurities, pureHelp } from './impure-names.ts'
import { lineIndex } from './line-index.ts'
import { originFile, sourcePositions } from './positions.ts'
import { refuseReservedKeys } from './reserved-keys.ts'

const report = reporter(problems)

/** What an evaluation needs to speak of places. */
interface Positions {
  readonly start: Origin
  originOf (at: RawPosition | undefined): Origin
}

/** Turns what the child answered into a Config with origins in the user's files, and what it found into diagnostics. */
export function evaluationOutcome (root: string, entry: string, bundled: BundledConfig, evaluated: Evaluated): Outcome<Config> {
  const position = sourcePositions(root, bundled)
  const start: Origin = { file: originFile(root, entry), line: 1, column: 1 }
  const positions: Positions = { start, originOf: (at) => (at === undefined ? undefined : position(at)) ?? start }
  const activity = 'env' in evaluated ? activityOf(evaluated, positions) : []
  const { result } = evaluated
  if (result.kind !== 'gateway') return { output: undefined, diagnostics: [...activity, failure(result, positions, bundled.map.sourcesContent[bundled.map.sources.indexOf(entry)] ?? '')] }

  const origins = Object.fromEntries(Object.entries(result.places).map(([pointer, at]) => [pointer, positions.originOf(at)]))
  const config: Config = { document: result.document, origins, env: 'env' in evaluated ? evaluated.env : [] }
  return outcome(config, [
    ...activity,
    ...result.conflicts.map(({ name, first, second }) => report('upstream/duplicate', `there are two upstreams named '${name}'`, {
      place: { origin: positions.originOf(second) },
      related: [{ message: 'the first one', place: { origin: positions.originOf(first) } }],
      help: 'Use the first one for both, or give this one another name.'
    })),
    ...result.unusable.map(({ pointer, what }) => report('config/not-data', `${what} cannot be part of a gateway`, {
      place: placeAt(config, pointer), help: 'Options are plain data: texts, numbers, booleans, lists and objects.'
    })),
    ...refuseReservedKeys(config)
  ])
}

/** What the config did besides returning a value. */
function activityOf ({ logs, inputs, impure }: EvaluationReply, { originOf }: Positions): Diagnostic[] {
  return [
    ...logs.map(({ text, at }) => report('config/log', text, { place: { origin: originOf(at) } })),
    ...inputs.map(({ problem, message, at }) => report(`env/${problem}`, message, { place: { origin: originOf(at) } })),
    ...impure.map(({ what, api, at }) => report('config/impure', `${api} ${impurities[what]}`, {
      place: { origin: originOf(at) }, help: what === 'locale' ? 'Give it a locale, for example \'en\'.' : pureHelp
    }))
  ]
}

function failure (result: Exclude<Evaluated['result'], { readonly kind: 'gateway' }>, positions: Positions, text: string): Diagnostic {
  const place: Place = { origin: positions.start }
  switch (result.kind) {
    case 'no-gateway': return report('config/no-gateway', `the config exports ${result.got}`, { place: { origin: exportOrigin(positions.start, text) }, help: 'Write `export default defineGateway({ … })`.' })
    case 'threw': return thrown(result, positions)
    case 'timeout': return report('config/timeout', 'the evaluation of the config did not end in time', { place, help: 'Look for a loop that does not end.' })
    case 'out-of-memory': return report('config/out-of-memory', 'the evaluation of the config needed too much memory', { place, help: 'Look for a loop or a recursion that adds without end.' })
    case 'crashed': return report('config/crashed', `the process that evaluates the config ended: ${result.detail}`, { place })
  }
}

type Thrown = Extract<Evaluated['result'], { readonly kind: 'threw' }>

function thrown ({ name, message, frames }: Thrown, { originOf }: Positions): Diagnostic {
  const origins = distinct(frames.map(originOf))
  const place: Place = { origin: originOf(frames[0]) }
  const absent = name === 'ReferenceError' ? /^(\S+) is not defined$/.exec(message)?.[1] : undefined
  const what = absent === undefined ? undefined : impureGlobal(absent)
  if (absent !== undefined && what !== undefined) return report('config/impure', `\`${absent}\` ${impurities[what]}`, { place, help: pureHelp })
  return report('config/threw', name === 'Error' ? message : `${name}: ${message}`, {
    place,
    ...(origins.length > 1 ? { related: origins.slice(1).map((origin) => ({ message: 'called from here', place: { origin } })) } : {})
  })
}

function distinct (origins: readonly Origin[]): Origin[] {
  return origins.filter(({ file, line, column }, index) => origins.findIndex((other) => other.file === file && other.line === line && other.column === column) === index)
}

/** The default export of a text, or its beginning when there is none. */
function exportOrigin (start: Origin, text: string): Origin {
  const match = /^([ \t]*)(?:export\s+default\b|module\.exports\s*=)/m.exec(text)
  return match === null ? start : { file: start.file, ...lineIndex(text).position(match.index + match[1]!.length) }
}
