import { policyBuilder } from '../../schema/policy-builder.ts'
import { definePolicy } from '../../schema/policy.ts'
import { check } from './check.ts'
import { compare } from './compare.ts'
import { createHandler } from './handler.ts'
import { createLedger } from './ledger.ts'
import { schema } from './options.ts'
import { problems } from './problems.ts'

/**
 * Limits how many requests pass in a time; answers the others with 429.
 *
 * ```ts
 * rateLimit({ limit: 100, window: '1m', by: 'header:x-api-key' })
 * ```
 */
export const rateLimit = policyBuilder(definePolicy({
  name: 'rate-limit',
  version: 1,
  summary: 'Limits how many requests pass in a time; answers the others with 429.',
  targets: ['listener', 'route'],
  phase: 'admit',
  guards: 'rate',
  schema,
  problems,
  check,
  renameParams: ({ by, ...options }, nameOf) => by?.startsWith('param:') === true ? { ...options, by: `param:${nameOf(by.slice('param:'.length))}` } : { ...options, ...(by === undefined ? {} : { by }) },
  compare,
  create: createHandler,
  ledger: createLedger
}))
