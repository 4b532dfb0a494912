import { jsonToTypescript } from './json-to-typescript.ts'
import type { Migration } from './migration.ts'
import { nameRoutes } from './name-routes.ts'

export const migrations: readonly Migration[] = [jsonToTypescript, nameRoutes]
