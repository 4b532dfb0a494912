import type { Problem } from '../../schema/diagnostic.ts'

/** What can be wrong with the shape of a document. */
export const problems = [
  {
    code: 'schema/invalid',
    severity: 'error',
    summary: 'An option is unknown, missing, or not of the form it must have.',
    docs: 'Every option has a schema; `gateway.schema.json` of this package holds all of them, and editors show their docs. TypeScript reports most of these while you type; values that a program computes, and JSON configs, are checked here.'
  },
  {
    code: 'policy/unknown',
    severity: 'error',
    summary: 'There is no policy of this name.',
    docs: 'A policy in a document is an object with one key, the name of the policy: `{ "rate-limit": { "limit": 100, "window": "1m" } }`. The message lists the nearest name that exists.'
  },
  {
    code: 'policy/wrong-target',
    severity: 'error',
    summary: 'The policy cannot stand here.',
    docs: 'Each policy says on what it can work: listeners, routes (and their groups), or upstreams. Move it to one of those; TypeScript configs show this in the editor.'
  }
] as const satisfies readonly Problem[]
