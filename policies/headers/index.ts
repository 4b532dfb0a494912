import { policyBuilder } from '../../schema/policy-builder.ts'
import { definePolicy } from '../../schema/policy.ts'
import { check } from './check.ts'
import { compare } from './compare.ts'
import { createHandler } from './handler.ts'
import { schema } from './options.ts'
import { problems } from './problems.ts'
import { renameParams } from './rename-params.ts'

/**
 * Sets, appends and removes header fields of requests and responses.
 *
 * ```ts
 * headers({ response: { set: { 'x-frame-options': 'DENY' }, remove: ['server'] } })
 * ```
 */
export const headers = policyBuilder(definePolicy({
  name: 'headers',
  version: 1,
  summary: 'Sets, appends and removes header fields of requests and responses.',
  targets: ['listener', 'route', 'upstream'],
  phase: 'transform',
  guards: 'fields',
  schema,
  problems,
  check,
  replacedFields: ({ request }) => [...Object.keys(request?.set ?? {}), ...(request?.remove ?? [])].map((name) => name.toLowerCase()),
  renameParams,
  compare,
  create: createHandler
}))
