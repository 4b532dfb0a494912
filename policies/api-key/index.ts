import { policyBuilder } from '../../schema/policy-builder.ts'
import { definePolicy } from '../../schema/policy.ts'
import { check } from './check.ts'
import { compare } from './compare.ts'
import { createHandler, hiddenField } from './handler.ts'
import { schema } from './options.ts'
import { problems } from './problems.ts'

/**
 * Lets requests with a known API key pass; answers the others with 401.
 *
 * ```ts
 * apiKey({ keys: [{ id: 'mobile-app', hash: secret('MOBILE_APP_KEY_HASH') }] })
 * ```
 */
export const apiKey = policyBuilder(definePolicy({
  name: 'api-key',
  version: 1,
  summary: 'Lets requests with a known API key pass; answers the others with 401.',
  targets: ['listener', 'route'],
  phase: 'admit',
  guards: 'authentication',
  schema,
  problems,
  check,
  replacedFields: (options) => [hiddenField(options)].filter((name) => name !== undefined),
  compare,
  create: createHandler
}))
