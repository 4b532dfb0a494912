import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Node, Project } from 'ts-morph'
import type { CallExpression } from 'ts-morph'
import type { GroupDocument, RouteDocument } from '../../schema/generated/gateway.ts'
import { applyEdits } from '../fix/text-edit.ts'
import type { TextEdit } from '../fix/text-edit.ts'
import { lineIndex } from '../load/line-index.ts'
import { placeAt } from '../passes/place-at.ts'
import { dataText } from './call-text.ts'
import type { Migration } from './migration.ts'

interface File { readonly text: string, readonly edits: Map<number, { readonly edit: TextEdit, readonly ids: Set<string> }> }

/** Counters, approvals and log lines of a route go by its name; one that is derived from the path changes with it. */
export const nameRoutes: Migration = {
  name: 'name-routes',
  summary: 'every route gets a name of its own, made of its match, which it keeps when its path changes (counters by route begin anew)',
  migrate ({ config, resolved, inputs, root }) {
    if (config === undefined || resolved === undefined) return 'the config has errors'
    if (!inputs.some((file) => /\.[cm]?[jt]s$/.test(file))) return 'the config is no program; json-to-typescript makes it one'
    const project = new Project({ useInMemoryFileSystem: true, compilerOptions: { allowJs: true }, skipFileDependencyResolution: true })
    const files = new Map<string, File>()
    const left: string[] = []
    const taken = new Set(resolved.routes.map(({ id }) => id))
    for (const route of resolved.routes.filter(({ pointer }) => !isNamed(config.document.routes, pointer))) {
      const { origin } = placeAt(config, route.pointer)
      const path = join(root, origin.file)
      const file = files.get(path) ?? { text: readFileSync(path, 'utf8'), edits: new Map() }
      files.set(path, file)
      const offset = lineIndex(file.text).offset(origin.line, origin.column)
      const tree = project.getSourceFile(path) ?? project.createSourceFile(path, file.text)
      const edit = nameEdit(tree.getDescendantAtPos(offset)?.getFirstAncestor(Node.isCallExpression), offset, nameOf(route.id, taken))
      const before = file.edits.get(offset)
      if (typeof edit === 'string') left.push(`${origin.file}:${origin.line}: ${edit}`)
      else if (before === undefined) file.edits.set(offset, { edit, ids: new Set([route.id]) })
      else before.ids.add(route.id)
    }
    const changes = [...files].flatMap(([file, { text, edits }]) => {
      // A call that runs several times makes several routes; a name is of one.
      const [once, often] = [[...edits.values()].filter(({ ids }) => ids.size === 1), [...edits].filter(([, { ids }]) => ids.size > 1)]
      for (const [offset, { ids }] of often) left.push(`${file}:${lineIndex(text).position(offset).line}: one call makes ${ids.size} routes`)
      const all = once.map(({ edit }) => edit)
      return all.length === 0 ? [] : [{ file, before: text, after: applyEdits(text, all), edits: all }]
    })
    const [main] = inputs
    return changes.length === 0 ? left[0] ?? 'every route has a name' : { changes, removed: [], left, config: main! }
  }
}

function nameEdit (call: CallExpression | undefined, offset: number, name: string): TextEdit | string {
  const options = call?.getArguments()[1]
  if (call === undefined || call.getExpression().getStart() > offset || !Node.isObjectLiteralExpression(options)) return 'the options of this route are not written where it is made'
  const [first] = options.getProperties()
  const at = first?.getStart() ?? options.getStart() + 1
  const separator = first === undefined ? ' ' : /\n/.test(options.getText().slice(0, at - options.getStart())) ? `,\n${' '.repeat(first.getStart() - first.getStartLinePos())}` : ', '
  return { start: at, end: at, text: `${first === undefined ? ' ' : ''}name: ${dataText(name)}${separator}` }
}

/** `GET /users/:id` → `get-users-id`; taken from then on. */
function nameOf (id: string, taken: Set<string>): string {
  // What a parameter has to match says little in a name.
  const words = id.toLowerCase().replace(/\((?:[^()]|\([^()]*\))*\)/g, '').replace(/[^a-z0-9]+/g, '-').slice(0, 60).replace(/^-|-$/g, '')
  const base = words === '' ? 'route' : words
  let free = base
  for (let next = 2; taken.has(free); next++) free = `${base}-${next}`
  taken.add(free)
  return free
}

/** Whether the node of the document at a pointer has a name. */
function isNamed (routes: readonly (RouteDocument | GroupDocument)[], pointer: string): boolean {
  let node: unknown = { routes }
  for (const part of pointer.split('/').slice(1)) node = (node as Record<string, unknown>)[part]
  return (node as RouteDocument).name !== undefined
}
