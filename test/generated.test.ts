import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv, type ValidateFunction } from 'ajv'
import test from 'ava'
import { registry } from '../policies/registry.ts'
import { nodeSchemas } from '../schema/generated/schemas.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const compile = (schema: object): ValidateFunction => new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(schema)

/** The generator with its sources in a folder of its own. */
function generator (): { readonly folder: string, run (...args: string[]): { readonly status: number | null, readonly output: string } } {
  const folder = mkdtempSync(join(tmpdir(), 'gwc-generate-'))
  for (const path of ['dist/schema/generate.js', 'dist/schema/generate', 'schema/options']) cpSync(join(root, path), join(folder, path), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
  return {
    folder,
    run (...args) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'dist/schema/generate.js'), ...args], { encoding: 'utf8' })
      return { status, output: stdout + stderr }
    }
  }
}

test('generated files are fresh', (t) => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist/schema/generate.js'), '--check'], { encoding: 'utf8' })
  t.is(stderr, '')
  t.is(status, 0)
})

test('the generator writes what is stale, names it with --check, and turns the schema of a new policy into its options', (t) => {
  const { folder, run } = generator()
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const nodes = ['schema/generated/gateway.ts', 'schema/generated/schemas.ts', 'schema/generated/gateway.schema.json']
  t.like(run('--check'), { status: 1, output: nodes.map((path) => `${path} is stale: run \`npm run generate\` and commit the result\n`).join('') })
  t.like(run(), { status: 0, output: nodes.map((path) => `wrote ${path}\n`).join('') })
  t.like(run('--check'), { status: 0, output: '' })
  for (const path of nodes.slice(0, 2)) t.is(readFileSync(join(folder, path), 'utf8'), readFileSync(join(root, path), 'utf8'))

  const schema = {
    description: 'How long to wait.',
    type: 'object',
    additionalProperties: false,
    required: ['time'],
    properties: {
      time: { $ref: '../../schema/options/values.schema.json#/definitions/duration', default: '5s', description: 'Time */ to wait.' },
      per: { type: 'array', items: { $ref: '#/definitions/per' } },
      first: { $ref: '#/definitions/per', description: 'The first.' }
    },
    definitions: { per: { title: 'Per', description: 'For whom.', type: 'object', additionalProperties: false, properties: { size: { $ref: 'values.schema.json#/definitions/bytes' }, "it's": { enum: ["'", '\\'] } } } }
  }
  const write = (text: string): void => {
    mkdirSync(join(folder, 'policies/slow-down'), { recursive: true })
    writeFileSync(join(folder, 'policies/slow-down/options.schema.json'), text)
  }
  write(JSON.stringify(schema))
  t.like(run(), { status: 0, output: 'wrote schema/generated/gateway.schema.json\nwrote policies/slow-down/options.ts\n' })
  const text = readFileSync(join(folder, 'policies/slow-down/options.ts'), 'utf8')
  t.true(text.includes(`import type { Bytes } from '../../schema/bytes.ts'
import type { Duration } from '../../schema/duration.ts'

/** How long to wait. */
export interface SlowDownOptions {
  /**
   * Time * / to wait.
   *
   * @default '5s'
   */
  readonly time: Duration
  /** Items: For whom. */
  readonly per?: readonly Per[]
  /** The first. */
  readonly first?: Per
}

/** For whom. */
export interface Per {
  /** A number and a unit: \`512B\`, \`60KiB\`, \`10MiB\`. */
  readonly size?: Bytes
  readonly "it's"?: "'" | '\\\\'
}

/** JSON Schema (draft-07) of the options, without references. */
export const schema: OptionsSchema<SlowDownOptions> = frozen({`), text)
  const published = JSON.parse(readFileSync(join(folder, nodes[2]!), 'utf8')) as { definitions: { policy: { properties: object } } }
  t.deepEqual(Object.keys(published.definitions.policy.properties), ['slow-down'])

  write(JSON.stringify(schema).replace('#/definitions/per', '#/definitions/pre'))
  t.regex(run().output, /slow-down: cannot resolve "#\/definitions\/pre"/)
  write('{')
  t.regex(run().output, /policies\/slow-down\/options\.schema\.json: /)
})

test('every schema is valid in strict mode, and those of nodes and policies stand alone', (t) => {
  for (const [kind, schema] of [...Object.entries(nodeSchemas), ...[...registry].map(([name, { schema }]) => [name, schema] as const)]) {
    t.notThrows(() => compile(schema), kind)
    t.false(JSON.stringify(schema).includes('"$ref"'), kind)
    t.true(Object.isFrozen(schema['properties']), kind)
  }
})

test('the published schema takes whole documents and knows policies and their options', (t) => {
  const published = JSON.parse(readFileSync(join(root, 'schema/generated/gateway.schema.json'), 'utf8')) as object
  const validate = compile(published)
  const document = (policy: unknown, route: object = {}): unknown => ({
    $schema: './gateway.schema.json', listeners: { public: { port: 80 } }, upstreams: { users: { targets: ['http://u', { url: 'http://v', weight: 2 }] } },
    routes: [{ prefix: '/v1', routes: [{ routes: [{ match: '/:id', to: 'users', policies: [policy], ...route }] }] }]
  })
  t.true(validate(document({ 'rate-limit': { limit: 1, window: '1m', mode: 'shadow', id: 'one' } })), JSON.stringify(validate.errors))
  t.false(validate(document({ 'rate-limit': { limit: 1, window: '1 m' } })))
  t.false(validate(document({ 'rate-limit': { limit: 1, window: '1m', mod: 'off' } })))
  t.false(validate(document({ 'rate-limits': { limit: 1, window: '1m' } })))
  t.false(validate(document({ 'rate-limit': { limit: 1, window: '1m' }, headers: {} })))
  t.false(validate(document({ 'rate-limit': { limit: 1, window: '1m' } }, { timeout: '5 sec' })))
})
