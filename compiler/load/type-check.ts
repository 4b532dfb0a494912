/*
 * Worker that type-checks one config with the TypeScript compiler API: the only file that uses it for checking. It runs beside the evaluation
 * of the config, answers with one message, and then stores its code cache.
 */
import { fileURLToPath } from 'node:url'
import { dirname, resolve } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { CompilerHost, CompilerOptions, Diagnostic, DiagnosticMessageChain, ParseConfigHost } from 'typescript'
import { impureGlobal } from './impure-names.ts'
import { loadTypescript } from './typescript.ts'

/** What the worker is started with. */
export interface TypeCheckRequest {
  /** Absolute path of the config. */
  readonly entry: string
  readonly overlay: ReadonlyMap<string, string> | undefined
  readonly cacheFolder: string | undefined
}

/** One finding of the compiler; lines and columns are 1-based, in UTF-16 units. */
export interface TypeFinding {
  readonly code: number
  /** It holds for those who want erasable syntax only, and this user's options do not say so. */
  readonly advice: boolean
  readonly message: string
  /** The reasons behind the message, outermost first. */
  readonly notes: readonly string[]
  readonly place: TypePlace | undefined
  readonly related: readonly { readonly message: string, readonly place: TypePlace }[]
}

export interface TypePlace {
  /** Absolute path. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** "This syntax is not allowed when 'erasableSyntaxOnly' is enabled." */
const nonErasable = 1294
/** The compiler's ways to say that a name is not known, with and without advice on packages. */
const unknownName = new Set([2304, 2552, 2580, 2584, 2591])
const { entry, overlay, cacheFolder } = workerData as TypeCheckRequest
const { ts, remember } = loadTypescript(cacheFolder)
parentPort?.postMessage(typeCheck())
remember()

function typeCheck (): readonly TypeFinding[] {
  const { options, error, erasable } = compilerOptions()
  const program = ts.createProgram({ rootNames: [entry], options, host: compilerHost(options) })
  const own = program.getSourceFiles().filter((file) => !file.isDeclarationFile && !program.isSourceFileFromExternalLibrary(file))
  const found = [...(error === undefined ? [] : [error]), ...program.getGlobalDiagnostics(), ...own.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])]
  return ts.sortAndDeduplicateDiagnostics(found).filter(isFinding).map((diagnostic) => finding(diagnostic, diagnostic.code === nonErasable && !erasable))
}

/** The user's options where they are about strictness; where they are about modules and output, those of the loader, which bundles and writes nothing. */
function compilerOptions (): { readonly options: CompilerOptions, readonly error: Diagnostic | undefined, readonly erasable: boolean } {
  const path = ts.findConfigFile(dirname(entry), ts.sys.fileExists)
  const read = path === undefined ? undefined : ts.readConfigFile(path, ts.sys.readFile)
  // Only the options are wanted: the files that `include` names are not looked for. Options that this version does not know are the editor's business.
  const host: ParseConfigHost = { ...ts.sys, readDirectory: () => [] }
  const user = path === undefined || read?.config === undefined ? { strict: true } : ts.parseJsonConfigFileContent(read.config, host, dirname(path), undefined, path).options
  const { composite, incremental, tsBuildInfoFile, outDir, outFile, rootDir, declaration, declarationDir, declarationMap, emitDeclarationOnly, isolatedDeclarations, rewriteRelativeImportExtensions, ...kept } = user
  const packageFolder = fileURLToPath(new URL('../../', import.meta.url))
  const language = user.lib?.filter((lib) => lib.startsWith('lib.es')) ?? []
  const options: CompilerOptions = {
    ...kept,
    // A config runs without Node and without a browser, so it is checked without their types, and they cost no time.
    types: [],
    lib: language.length === 0 ? ['lib.es2022.d.ts'] : language,
    target: user.target ?? ts.ScriptTarget.ES2022,
    noEmit: true,
    // Node runs what types can be erased from; what it would not run is told, as an error where the user's own options ask for it.
    erasableSyntaxOnly: true,
    skipLibCheck: true,
    ignoreDeprecations: '6.0',
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    allowImportingTsExtensions: true,
    allowJs: true,
    checkJs: user.checkJs === true,
    resolveJsonModule: true,
    paths: { ...user.paths, gwc: [resolve(packageFolder, 'schema/index.d.ts')], 'gwc/policies': [resolve(packageFolder, 'policies/index.d.ts')] }
  }
  return { options, error: read?.error, erasable: user.erasableSyntaxOnly === true }
}

function compilerHost (options: CompilerOptions): CompilerHost {
  const host = ts.createCompilerHost(options)
  // Comments are for editors; without them the declarations parse twice as fast.
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone
  const readFile = host.readFile.bind(host)
  const getSourceFile = host.getSourceFile.bind(host)
  host.readFile = (path) => overlay?.get(resolve(path)) ?? readFile(path)
  host.getSourceFile = (path, target, ...rest) => {
    const text = overlay?.get(resolve(path))
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target)
  }
  return host
}

/** `console` is there when a config is evaluated; what else a host would provide is reported then, and better than as a missing name. */
function isFinding ({ category, code, messageText }: Diagnostic): boolean {
  const name = unknownName.has(code) ? /'([^']+)'/.exec(ts.flattenDiagnosticMessageText(messageText, ' '))?.[1] : undefined
  return category === ts.DiagnosticCategory.Error && (name === undefined || (name !== 'console' && impureGlobal(name) === undefined))
}

function finding (diagnostic: Diagnostic, advice: boolean): TypeFinding {
  const { messageText, relatedInformation = [] } = diagnostic
  return {
    code: diagnostic.code,
    advice,
    message: typeof messageText === 'string' ? messageText : messageText.messageText,
    notes: typeof messageText === 'string' ? [] : reasons(messageText.next),
    place: placeOf(diagnostic),
    related: relatedInformation.flatMap((related) => {
      // Declarations of this package say nothing that the editor's hover does not, and are no source of the user's.
      const place = related.file?.isDeclarationFile === true ? undefined : placeOf(related)
      return place === undefined ? [] : [{ message: ts.flattenDiagnosticMessageText(related.messageText, '\n'), place }]
    })
  }
}

function reasons (chain: readonly DiagnosticMessageChain[] | undefined): string[] {
  return (chain ?? []).flatMap(({ messageText, next }) => [messageText, ...reasons(next)])
}

function placeOf ({ file, start }: Pick<Diagnostic, 'file' | 'start'>): TypePlace | undefined {
  if (file === undefined || start === undefined) return undefined
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  return { file: resolve(file.fileName), line: line + 1, column: character + 1 }
}
