import { join } from 'node:path'
import ts from 'typescript'

/** What the config of an initialised project says, as far as the checker is concerned. */
export const compilerOptions: ts.CompilerOptions = {
  strict: true, noEmit: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2023, lib: ['lib.es2023.d.ts'], module: ts.ModuleKind.NodeNext
}

export interface EditorError {
  /** `line:column` of the first character, 1-based. */
  readonly at: string
  /** The text that is underlined. */
  readonly text: string
  readonly message: string
}

export interface Hover {
  readonly signature: string
  readonly docs: string
  /** `@default '5s'`. */
  readonly tags: readonly string[]
}

/** TypeScript's language service, as an editor drives it, on files that exist only in memory inside a real folder. */
export class Editor {
  readonly #folder: string
  readonly #files = new Map<string, { text: string, version: number }>()
  readonly #service: ts.LanguageService

  constructor (folder: string, options: ts.CompilerOptions = compilerOptions) {
    this.#folder = folder
    const read = (path: string) => this.#files.get(path)?.text ?? ts.sys.readFile(path)
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [...this.#files.keys()],
      getScriptVersion: (path) => String(this.#files.get(path)?.version ?? 0),
      getScriptSnapshot: (path) => {
        const text = read(path)
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
      },
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
      fileExists: (path) => this.#files.has(path) || ts.sys.fileExists(path),
      readFile: read,
      readDirectory: (...given) => ts.sys.readDirectory(...given),
      directoryExists: (path) => ts.sys.directoryExists(path),
      getDirectories: (path) => ts.sys.getDirectories(path),
      realpath: (path) => ts.sys.realpath?.(path) ?? path
    })
  }

  /** Writes a file; a `§` marks the cursor and is left out. */
  open (name: string, marked: string): void {
    const path = join(this.#folder, name)
    this.#files.set(path, { text: marked.replace('§', ''), version: (this.#files.get(path)?.version ?? 0) + 1 })
  }

  /** Names offered at the `§`: members and strings only, not every global. */
  completions (name: string, marked: string): string[] {
    this.open(name, marked)
    const found = this.#service.getCompletionsAtPosition(join(this.#folder, name), marked.indexOf('§'), {})
    const elements: readonly string[] = [ts.ScriptElementKind.string, ts.ScriptElementKind.memberVariableElement, ts.ScriptElementKind.memberFunctionElement]
    return (found?.entries ?? []).filter(({ kind }) => elements.includes(kind)).map((entry) => entry.name)
  }

  /** The hover text at the `§`. */
  hover (name: string, marked: string): Hover {
    this.open(name, marked)
    const info = this.#service.getQuickInfoAtPosition(join(this.#folder, name), marked.indexOf('§'))
    return {
      signature: ts.displayPartsToString(info?.displayParts),
      docs: ts.displayPartsToString(info?.documentation),
      tags: (info?.tags ?? []).map((tag) => `@${tag.name} ${ts.displayPartsToString(tag.text)}`)
    }
  }

  errors (name: string): EditorError[] {
    const path = join(this.#folder, name)
    return [...this.#service.getSyntacticDiagnostics(path), ...this.#service.getSemanticDiagnostics(path)].map(({ file, start = 0, length = 0, messageText }) => {
      const { line, character } = file?.getLineAndCharacterOfPosition(start) ?? { line: 0, character: 0 }
      return { at: `${line + 1}:${character + 1}`, text: file?.text.slice(start, start + length) ?? '', message: ts.flattenDiagnosticMessageText(messageText, '\n') }
    })
  }

  /** How many types the checker had to make for a file and all it imports: the cost of a check, in a unit that no other process disturbs. */
  instantiations (name: string, text: string): number {
    this.open(name, text)
    this.errors(name)
    return this.#service.getProgram()?.getInstantiationCount() ?? 0
  }

  dispose (): void {
    this.#service.dispose()
  }
}
