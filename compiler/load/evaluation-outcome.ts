import { readFileSync } from 'node:fs'
import type { Diagnostic, Place } from '../../schema/diagnostic.ts'
import type { Config } from '../../schema/document.ts'
import type { Origin } from '../../schema/origin.ts'
import { problems } from '../passes/load-problems.ts'
import { outcome } from '../passes/pass.ts'
import type { Outcome } from '../passes/pass.ts'
import { placeAt } from '../passes/place-at.ts'
import { reporter } from '../passes/reporter.ts'
import type { BundledConfig } from './bundle-config.ts'
import type { RawPosition } from './evaluation.ts'
import type { Evaluated } from './evaluator.ts'
import { impureGlobal, impurities, pureHelp } from './impure-names.ts'
import { lineIndex } from './line-index.ts'
import { originFile, sourcePositions } from './positions.ts'
import { refuseReservedKeys } from './reserved-keys.ts'

const report = reporter(problems)

/** Turns what the child answered into a Config with origins in the user's files, and what it found into diagnostics. */
export function evaluationOutcome (root: string, entry: string, bundled: BundledConfig, { result, ...findings }: Evaluated): Outcome<Config> {
  const position = sourcePositions(root, bundled)
  const start: Origin = { file: originFile(root, entry), line: 1, column: 1 }
  const originOf = (at: RawPosition | undefined): Origin => (at === undefined ? undefined : position(at)) ?? start
  const at = (raw: RawPosition | undefined): { readonly place: Place } => ({ place: { origin: originOf(raw) } })

  const diagnostics: Diagnostic[] = []
  if ('env' in findings) {
    for (const { text, at: raw } of findings.logs) diagnostics.push(report('config/log', text, at(raw)))
    for (const { problem, message, at: raw } of findings.inputs) diagnostics.push(report(`env/${problem}`, message, at(raw)))
    for (const { what, api, at: raw } of findings.impure) diagnostics.push(report('config/impure', `${api} ${impurities[what]}`, { ...at(raw), help: what === 'locale' ? 'Give it a locale, for example \'en\'.' : pureHelp }))
  }
  switch (result.kind) {
    case 'gateway': {
      const origins = Object.fromEntries(Object.entries(result.places).map(([pointer, raw]) => [pointer, originOf(raw)]))
      for (const { name, first, second } of result.conflicts) {
        diagnostics.push(report('upstream/duplicate', `there are two upstreams named '${name}'`, {
          ...at(second), related: [{ message: 'the first one', ...at(first) }], help: 'Use the first one for both, or give this one another name.'
        }))
      }
      const config: Config = { document: result.document, origins, env: 'env' in findings ? findings.env : [] }
      for (const { pointer, what } of result.unusable) diagnostics.push(report('config/not-data', `${what} cannot be part of a gateway`, { place: placeAt(config, pointer), help: 'Options are plain data: texts, numbers, booleans, lists and objects.' }))
      return outcome(config, [...diagnostics, ...refuseReservedKeys(config)])
    }
    case 'no-gateway':
      diagnostics.push(report('config/no-gateway', `the config exports ${result.got}`, {
        place: { origin: exportPlace(start, entry) }, help: 'Write `export default defineGateway({ … })`.'
      }))
      break
    case 'threw':
      diagnostics.push(thrown(result, originOf))
      break
    case 'timeout':
      diagnostics.push(report('config/timeout', 'the evaluation of the config did not end in time', { place: { origin: start }, help: 'Look for a loop that does not end.' }))
      break
    case 'out-of-memory':
      diagnostics.push(report('config/out-of-memory', 'the evaluation of the config needed too much memory', { place: { origin: start }, help: 'Look for a loop or a recursion that adds without end.' }))
      break
    case 'crashed':
      diagnostics.push(report('config/crashed', `the process that evaluates the config ended: ${result.detail}`, { place: { origin: start } }))
  }
  return { output: undefined, diagnostics }
}

type Thrown = Extract<Evaluated['result'], { readonly kind: 'threw' }>

function thrown ({ name, message, frames }: Thrown, originOf: (at: RawPosition | undefined) => Origin): Diagnostic {
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

/** The default export of the file, or its beginning when there is none. */
function exportPlace (start: Origin, entry: string): Origin {
  const text = readFileSync(entry, 'utf8')
  const at = text.search(/^[ \t]*(?:export\s+default\b|module\.exports\s*=)/m)
  return at < 0 ? start : { file: start.file, ...lineIndex(text).position(at + /^[ \t]*/.exec(text.slice(at))![0].length) }
}
