import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Diagnostic, Place } from '../../schema/diagnostic.ts'
import { originFile } from '../load/positions.ts'
import type { TypeCheckRequest, TypeFinding, TypePlace } from '../load/type-check.ts'
import { outcome } from './pass.ts'
import type { Outcome } from './pass.ts'
import { reporter } from './reporter.ts'
import { problems } from './types-problems.ts'

/** A program that TypeScript accepts. */
export interface Typed {
  readonly typed: true
}

/** A check that runs beside other passes. */
export interface TypeCheck {
  readonly result: Promise<Outcome<Typed>>
  /** Ends it; `result` then settles without findings. */
  cancel (): void
  /** Settles when the thread is gone; after its result it may still store its code cache. */
  readonly ended: Promise<void>
}

const report = reporter(problems)

/** Starts type-checking a TypeScript config in a thread of its own. */
export function checkTypes (request: TypeCheckRequest): TypeCheck {
  const worker = new Worker(new URL('../load/type-check.js', import.meta.url), { workerData: request, execArgv: [] })
  const root = dirname(request.entry)
  const result = new Promise<Outcome<Typed>>((resolve, reject) => {
    worker.once('message', (findings: readonly TypeFinding[]) => { resolve(outcome({ typed: true }, findings.map((finding) => diagnostic(root, finding)))) })
    worker.once('error', reject)
    worker.once('exit', () => { resolve(outcome({ typed: true }, [])) })
  })
  const ended = new Promise<void>((resolve) => { worker.once('exit', () => { resolve() }) })
  return { result, cancel: () => { void worker.terminate() }, ended }
}

function diagnostic (root: string, { code, advice, message, notes, place, related }: TypeFinding): Diagnostic {
  if (advice) {
    return report('ts/non-erasable-syntax', 'Node cannot run this syntax: its types cannot just be left out', {
      ...(place === undefined ? {} : { place: placeOf(root, place) }), help: 'Write an object `as const` in place of an enum, modules in place of namespaces, and assign parameters in the constructor.'
    })
  }
  return report('config/type-error', `${message} (TS${code})`, {
    ...(place === undefined ? {} : { place: placeOf(root, place) }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(related.length === 0 ? {} : { related: related.map((other) => ({ message: other.message, place: placeOf(root, other.place) })) })
  })
}

function placeOf (root: string, { file, line, column }: TypePlace): Place {
  return { origin: { file: originFile(root, file), line, column } }
}
