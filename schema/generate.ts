// Writes the generated files of this repository; with `--check` it only names those that are stale and exits 1. A tool of the build, not a part of the product.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateFiles } from './generate/files.ts'
import type { JsonSchema, SchemaSource } from './generate/json-schema.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

function readSchema (path: string): JsonSchema {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')) as JsonSchema
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function readNode (name: string): SchemaSource {
  return { name, schema: readSchema(`schema/options/${name}.schema.json`) }
}

function readPolicies (): SchemaSource[] {
  const folder = join(root, 'policies')
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  return names.map((name) => ({ name, path: `policies/${name}/options.schema.json` }))
    .filter(({ path }) => existsSync(join(root, path)))
    .map(({ name, path }) => ({ name, schema: readSchema(path) }))
}

function current (path: string): string | undefined {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined
}

const files = await generateFiles({
  values: readSchema('schema/options/values.schema.json').definitions ?? {},
  nodes: ['gateway', 'listener', 'tcp', 'upstream', 'route', 'group', 'invariant'].map(readNode),
  policies: readPolicies()
})
const stale = [...files].filter(([path, text]) => current(path) !== text)
if (process.argv.includes('--check')) {
  for (const [path] of stale) process.stderr.write(`${path} is stale: run \`npm run generate\` and commit the result\n`)
  process.exitCode = stale.length === 0 ? 0 : 1
} else {
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    process.stdout.write(`wrote ${path}\n`)
  }
}
