import { readFileSync } from 'node:fs'

/** A file of a new project. */
export interface TemplateFile {
  /** Relative to the project, with `/`. */
  readonly path: string
  readonly text: string
}

/** Where each file of `template/` goes. npm leaves out `.gitignore` when it packs, so names there have no dot. */
const targets: Readonly<Record<string, string>> = {
  'gateway.config.ts': 'gateway.config.ts',
  'gateway.route.test.ts': 'gateway.route.test.ts',
  'package.json': 'package.json',
  'tsconfig.json': 'tsconfig.json',
  'gitignore': '.gitignore',
  'gateway.yml': '.github/workflows/gateway.yml'
}

/** The files of a new project with `{{variables}}` filled in. */
export function templateFiles (variables: Readonly<Record<string, string>>): TemplateFile[] {
  // Three folders up from dist/compiler/init: the template is no code of ours, so it is not compiled.
  const folder = new URL('../../../compiler/init/template/', import.meta.url)
  return Object.entries(targets).map(([name, path]) => ({
    path,
    text: readFileSync(new URL(name, folder), 'utf8').replace(/\{\{(\w+)\}\}/g, (whole, variable: string) => variables[variable] ?? whole)
  }))
}
