import { join } from 'node:path'
import ts from 'typescript'
import { compilerOptions } from '../support/editor.ts'

/*
 * Runs in a process of its own: checks the config in the folder that is named, all libraries included, then again after an edit of it.
 * Prints milliseconds of both as JSON. Loading the compiler itself is left out: it costs the same whatever is checked.
 */
const path = join(process.argv[2] ?? '.', 'gateway.config.ts')
const host = ts.createCompilerHost(compilerOptions)
const kept = new Map<string, ts.SourceFile | undefined>()
const read = host.getSourceFile.bind(host)
host.getSourceFile = (name, ...rest) => {
  if (name === path || !kept.has(name)) kept.set(name, read(name, ...rest))
  return kept.get(name)
}

let program: ts.Program | undefined
const check = (): number => {
  const start = performance.now()
  program = ts.createProgram([path], compilerOptions, host, program)
  const errors = ts.getPreEmitDiagnostics(program)
  if (errors.length > 0) throw new Error(ts.formatDiagnostics(errors.slice(0, 5), host))
  return performance.now() - start
}
process.stdout.write(JSON.stringify({ cold: check(), warm: check(), instantiations: program?.getInstantiationCount() }))
