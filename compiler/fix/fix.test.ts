import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import { Project } from 'ts-morph'
import type { FixEdit } from '../../schema/diagnostic.ts'
import { diffText } from './diff-text.ts'
import { locateEdit } from './locate-edit.ts'
import { applyEdits } from './text-edit.ts'

/** Applies one edit to the value that starts at the mark `▶`. */
function edited (kind: Exclude<FixEdit['kind'], 'replace-value'>, marked: string, file = 'gateway.config.ts'): string {
  const start = marked.indexOf('▶')
  const text = marked.replace('▶', '')
  const tree = new Project({ useInMemoryFileSystem: true }).createSourceFile(file, text)
  const edit = locateEdit(tree, { kind, place: { origin: { file, line: 1, column: 1 } } }, start, start)
  return typeof edit === 'string' ? `refused: ${edit}` : applyEdits(text, [edit])
}

test('a declaration goes with its comment and one empty line', (t) => {
  t.is(edited('remove-declaration', "import { upstream } from 'gwc'\n\nconst a = upstream('a', {})\n\n// Unused.\n// Since June.\nconst b = ▶upstream('b', {\n  targets: []\n}) // gone\n\nexport default a\n"),
    "import { upstream } from 'gwc'\n\nconst a = upstream('a', {})\n\nexport default a\n")
})

test('a declaration keeps the neighbours of its line and statement', (t) => {
  t.is(edited('remove-declaration', "const a = up('a'), b = ▶up('b'), c = up('c')\nuse(a, c)\n"), "const a = up('a'), c = up('c')\nuse(a, c)\n")
  t.is(edited('remove-declaration', "const a = ▶up('a'); use()\n"), ' use()\n')
  t.is(edited('remove-declaration', "const list = [\n  up('a'),\n  ▶up('b'),\n]\n"), "const list = [\n  up('a'),\n]\n")
  t.is(edited('remove-declaration', "use()\r\nconst a = ▶up('a')\r\nuse()\r\n"), 'use()\r\nuse()\r\n')
})

test('a declaration that something may use is left alone', (t) => {
  t.is(edited('remove-declaration', "export const a = ▶up('a')\n"), "refused: 'a' is exported, so another file may use it")
  t.is(edited('remove-declaration', "const a = ▶up('a')\nexport { a }\n"), "refused: 'a' is used elsewhere in the file")
  t.is(edited('remove-declaration', "const { a } = ▶up('a')\n"), 'refused: it is not declared as a constant of its own')
  t.is(edited('remove-declaration', "const a = wrap(▶up('a'))\n"), 'refused: it is not declared as a constant of its own')
})

test('properties of JSON go with the right comma', (t) => {
  const json = (marked: string): string => edited('remove-property', marked, 'gateway.config.json')
  t.is(json('{\n  "a": {},\n  "b": ▶{ "x": 1 },\n  "c": {}\n}\n'), '{\n  "a": {},\n  "c": {}\n}\n')
  t.is(json('{\n  "a": {},\n  "b": ▶{}\n}\n'), '{\n  "a": {}\n}\n')
  t.is(json('{ "b": ▶{}, "c": {} }'), '{ "c": {} }')
  t.is(json('{ "only": ▶{} }'), '{}')
})

test('elements of lists go with the right comma', (t) => {
  t.is(edited('remove-element', 'const a = [1, ▶2, 3]\n'), 'const a = [1, 3]\n')
  t.is(edited('remove-element', 'const a = [1, ▶2]\n'), 'const a = [1]\n')
  t.is(edited('remove-element', 'const a = [\n  f(1),\n  // two\n  ▶f(2)\n]\n'), 'const a = [\n  f(1)\n]\n')
})

test('a diff is one that git applies', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gwc-diff-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const line = fc.constantFrom('a', 'b', '', 'c c')
  t.notThrows(() => { fc.assert(fc.property(fc.array(line, { maxLength: 40 }), fc.boolean(), fc.array(fc.tuple(fc.nat(100), fc.nat(6), fc.constantFrom('', 'x', 'x\ny\n')), { minLength: 1, maxLength: 4 }), (lines, newline, wanted) => {
    const before = lines.join('\n') + (newline ? '\n' : '')
    let free = 0
    const edits = wanted.map(([at, length, text]) => ({ start: Math.min(at, before.length), end: Math.min(at + length, before.length), text }))
      .sort((a, b) => a.start - b.start || a.end - b.end)
      .filter(({ start, end }) => start >= free && (free = end + 1) > 0)
    const after = applyEdits(before, edits)
    const file = join(folder, 'f.txt')
    if (before === after) return true
    writeFileSync(file, before)
    execFileSync('git', ['apply', '--unidiff-zero', '-'], { cwd: folder, input: diffText({ file, before, after, edits }, folder), env: { PATH: process.env.PATH, GIT_CEILING_DIRECTORIES: folder } })
    return readFileSync(file, 'utf8') === after
  }), { numRuns: 60 }) })
})
