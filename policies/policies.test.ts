import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import test from 'ava'
import ts from 'typescript'
import type { AnyPolicy, PolicyDefinition, PolicySite } from '../schema/policy.ts'
import { registry } from './registry.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const policies = [...registry.values()] as readonly PolicyDefinition<object>[]
const readme = ({ name }: AnyPolicy): string => readFileSync(`${root}policies/${name}/README.md`, 'utf8')
const sites = (policy: PolicyDefinition<object>): PolicySite[] => policy.targets.map((target) => ({ target, params: [] }))

interface Option { readonly type?: string, readonly enum?: readonly unknown[], readonly anyOf?: readonly Option[], readonly pattern?: string, readonly default?: unknown, readonly description?: string, readonly required?: readonly string[], readonly properties?: Readonly<Record<string, Option>>, readonly items?: Option, readonly additionalProperties?: unknown }

/** The table of options that a README must hold, made from the schema. */
function optionTable (schema: Option): string {
  return ['| option | type | default | meaning |', '|---|---|---|---|', ...optionRows(schema, '')].join('\n')
}

function optionRows (schema: Option, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, option]) => {
    const value = option.default === undefined ? schema.required?.includes(key) === true ? 'required' : '' : `\`${JSON.stringify(option.default).replaceAll('"', "'")}\``
    const row = `| \`${prefix}${key}\` | ${typeText(option)} | ${value} | ${(option.description ?? '').replaceAll('|', '\\|')} |`
    return [row, ...optionRows(option, `${prefix}${key}.`), ...optionRows(option.items ?? {}, `${prefix}${key}[].`)]
  })
}

function typeText (option: Option): string {
  if (option.enum !== undefined) return option.enum.map((value) => `\`${JSON.stringify(value).replaceAll('"', "'")}\``).join(' or ')
  if (option.anyOf !== undefined) return option.anyOf.map((each) => each.properties?.['$secret'] === undefined ? typeText(each) : 'secret').join(' or ')
  if (option.pattern?.endsWith('(ms|s|m|h|d)$') === true) return 'duration'
  if (option.type === 'array') return `list of ${typeText(option.items ?? {})}s`
  if (option.type === 'object' && option.properties === undefined) return 'texts by name'
  return option.type === 'string' ? 'text' : option.type ?? ''
}

test('a policy is named after its folder, and every folder is registered', (t) => {
  const folders = readdirSync(`${root}policies`, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort()
  t.deepEqual([...registry.keys()].sort(), folders)
  for (const [name, policy] of registry) {
    t.is(policy.name, name)
    t.true(Object.isFrozen(policy))
    t.regex(policy.summary, /^[A-Z][^\n]*\.$/)
  }
})

test('examples of problems: the failing one shows the problem, the passing one is clean, both fit the schema', (t) => {
  for (const policy of policies) {
    const valid = new Ajv({ strict: true, strictTypes: false, allErrors: true }).compile(policy.schema)
    t.is(new Set(policy.problems.map(({ code }) => code)).size, policy.problems.length)
    for (const { code, severity, summary, docs, fails, passes } of policy.problems) {
      t.true(code.startsWith(`${policy.name}/`), code)
      t.regex(summary, /^[A-Z`].*\.$/, code)
      t.true(docs.length > 20, code)
      const found = (options: object) => sites(policy).map((site) => policy.check?.(options, site).map((finding) => finding.code) ?? [])
      for (const codes of found(fails as object)) t.true(codes.includes(code), `${code} is not found in its failing example`)
      for (const codes of found(passes as object)) t.deepEqual(codes, [], `${code}: the passing example is not clean`)
      t.true(valid(fails), `${code}: ${JSON.stringify(valid.errors)}`)
      t.true(valid(passes), `${code}: ${JSON.stringify(valid.errors)}`)
      t.true(['error', 'warning', 'info'].includes(severity))
    }
  }
})

test('findings point at a value that exists and carry a declared code', (t) => {
  for (const policy of policies) {
    for (const { fails } of policy.problems) {
      for (const finding of sites(policy).flatMap((site) => policy.check?.(fails as object, site) ?? [])) {
        t.true(policy.problems.some(({ code }) => code === finding.code), finding.code)
        const value = (finding.pointer ?? []).reduce<unknown>((node, key) => (node as Record<string | number, unknown>)?.[key], fails)
        t.not(value, undefined, `${finding.code} at ${finding.pointer?.join('.')}`)
      }
    }
  }
})

test('options compare as equal to themselves, and nothing as equal to nothing', (t) => {
  for (const policy of policies) {
    t.is(policy.compare(undefined, undefined), 'equal')
    for (const { passes } of policy.problems) t.is(policy.compare(passes as object, structuredClone(passes) as object), 'equal', policy.name)
  }
})

test('each README has the option table of the schema and its problems', (t) => {
  for (const policy of policies) {
    const expected = `## Options\n\n${optionTable(policy.schema as Option)}\n`
    t.true(readme(policy).includes(expected), `policies/${policy.name}/README.md must hold:\n\n${expected}`)
    for (const { code } of policy.problems) t.true(readme(policy).includes(`\`${code}\``), `${policy.name}: ${code} is not in the README`)
  }
})

test('the examples in the READMEs compile', (t) => {
  t.true(existsSync(`${root}dist/schema/index.d.ts`), 'run `npm run build` first')
  // They stand in the repository, so that `gwc` resolves as it does for users: through the package's exports.
  const examples = new Map(policies.flatMap((policy) => [...readme(policy).matchAll(/```ts\n(.*?)```/gs)].map((match, index): [string, string] => [`${root}readme-${policy.name}-${index}.ts`, match[1]!])))
  t.is(new Set([...examples.keys()].map((path) => path.replace(/-\d+\.ts$/, ''))).size, policies.length, 'every README has an example')
  const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext, strict: true, noEmit: true, skipLibCheck: true, types: [] }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (path) => examples.has(path) || fileExists(path)
  host.readFile = (path) => examples.get(path) ?? readFile(path)
  host.getSourceFile = (path, ...rest) => examples.has(path) ? ts.createSourceFile(path, examples.get(path)!, ts.ScriptTarget.ES2023) : getSourceFile(path, ...rest)
  const found = ts.getPreEmitDiagnostics(ts.createProgram([...examples.keys()], options, host))
  t.deepEqual(found.map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`), [])
})
