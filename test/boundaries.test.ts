import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import ts from 'typescript'

const root = fileURLToPath(new URL('../../', import.meta.url))

interface SourceFile { readonly path: string, readonly text: string, readonly lines: number }

function sources (folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts') && !path.includes('/template/') && !path.includes('/node_modules/'))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, lines: text.split('\n').length - 1 }
    })
}

const areas = ['schema', 'policies', 'compiler', 'runtime'] as const
const files = areas.flatMap((area) => sources(area))
const isTest = (path: string) => path.endsWith('.test.ts')
const isGenerated = (path: string) => path.startsWith('schema/generated/') || /^policies\/[^/]+\/options\.ts$/.test(path)
const code = files.filter(({ path }) => !isTest(path) && !isGenerated(path))

/** What a file imports: `./x.ts` as a path from the root, packages as they stand. */
function imports (file: SourceFile): string[] {
  return ts.preProcessFile(file.text, true, true).importedFiles.map(({ fileName }) =>
    fileName.startsWith('.') ? relative(root, join(root, dirname(file.path), fileName)).replaceAll('\\', '/') : fileName)
}

const areaOf = (path: string) => areas.find((area) => path.startsWith(`${area}/`))
const mayImport: Record<typeof areas[number], readonly string[]> = {
  schema: ['schema'],
  policies: ['schema', 'policies'],
  compiler: ['schema', 'policies', 'compiler'],
  runtime: ['schema', 'policies', 'runtime']
}

test('imports follow the arrows schema ← policies ← compiler and schema ← policies ← runtime', (t) => {
  const wrong = code.flatMap((file) => imports(file).flatMap((target) => {
    const from = areaOf(file.path)!
    const to = areaOf(target)
    if (to === undefined || mayImport[from].includes(to)) return []
    if (to === 'runtime' && file.path.startsWith('compiler/commands/')) return []
    return [`${file.path} → ${target}`]
  }))
  t.deepEqual(wrong, [])
})

test('a policy imports no other policy, and the compiler never imports fastify', (t) => {
  const policyOf = (path: string) => /^policies\/([^/]+)\//.exec(path)?.[1]
  const siblings = code.flatMap((file) => imports(file)
    .filter((target) => policyOf(file.path) !== undefined && policyOf(target) !== undefined && policyOf(target) !== policyOf(file.path))
    .map((target) => `${file.path} → ${target}`))
  t.deepEqual(siblings, [])
  t.deepEqual(code.filter((file) => file.path.startsWith('compiler/') && imports(file).includes('fastify')).map(({ path }) => path), [])
})

test('schema is pure: no input or output, no clock, no randomness', (t) => {
  const allowed = new Set(['node:crypto', '@eslint-community/regexpp'])
  // The generator is a program that runs at build time, not part of what is imported.
  const pure = code.filter(({ path }) => path.startsWith('schema/') && !path.startsWith('schema/generate'))
  t.deepEqual(pure.flatMap((file) => imports(file).filter((target) => areaOf(target) === undefined && !allowed.has(target)).map((target) => `${file.path} → ${target}`)), [])
  t.deepEqual(pure.filter(({ text }) => /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\bprocess\.(?!exitCode)/.test(text.replace(/\/\*[^]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`/g, ''))).map(({ path }) => path), [])
})

test('no code is made from strings', (t) => {
  t.deepEqual(code.filter(({ text }) => /\beval\(|new Function\(/.test(text.replace(/\/\*[^]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`/g, ''))).map(({ path }) => path), [])
})

test('only cli.ts ends the process of the compiler', (t) => {
  t.deepEqual(code.filter(({ path, text }) => path.startsWith('compiler/') && path !== 'compiler/cli.ts' && /\bprocess\.exit\(|\bconsole\.(log|error)\(/.test(text.replace(/\/\*[^]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`/g, ''))).map(({ path }) => path), [])
})

test('files stay small: median ≤ 80 lines, 90 % ≤ 250, none over 400', (t) => {
  const sizes = code.map(({ lines }) => lines).sort((a, b) => a - b)
  t.true(sizes[Math.floor(sizes.length / 2)]! <= 80, `median is ${sizes[Math.floor(sizes.length / 2)]}`)
  t.true(sizes[Math.floor(sizes.length * 0.9)]! <= 250, `90 % is ${sizes[Math.floor(sizes.length * 0.9)]}`)
  t.deepEqual(code.filter(({ lines }) => lines > 400).map(({ path, lines }) => `${path}: ${lines}`), [])
})

test('folders and files avoid names that say nothing', (t) => {
  t.deepEqual(files.filter(({ path }) => /(^|[/-])(utils?|helpers?|common|core|manager|service|misc)([/.-]|$)/.test(path)).map(({ path }) => path), [])
})
