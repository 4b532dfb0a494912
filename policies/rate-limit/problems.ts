import type { PolicyProblem } from '../../schema/policy.ts'

/** What can be wrong with the options of `rate-limit`. */
export const problems: readonly PolicyProblem[] = [
  {
    code: 'rate-limit/empty-window',
    severity: 'error',
    summary: 'The window has no length.',
    docs: 'A limit counts in a stretch of time. Give it one: `1s`, `1m`, `1h`.',
    fails: { limit: 10, window: '0s' },
    passes: { limit: 10, window: '1s' }
  },
  {
    code: 'rate-limit/unused-burst',
    severity: 'error',
    summary: '`burst` has no meaning in a sliding window.',
    docs: 'A sliding window admits `limit` units at any pace. `burst` shapes the pace of `gcra`: take it out, or choose `gcra`.',
    fails: { limit: 100, window: '1m', algorithm: 'sliding-window', burst: 10 },
    passes: { limit: 100, window: '1m', algorithm: 'gcra', burst: 10 }
  },
  {
    code: 'rate-limit/always-refuses',
    severity: 'error',
    summary: 'One request costs more than may pass at once, so none ever passes.',
    docs: '`cost` must fit into `burst`, which is `limit` unless it is given.',
    fails: { limit: 10, window: '1m', cost: 20 },
    passes: { limit: 100, window: '1m', cost: 20 }
  },
  {
    code: 'rate-limit/unknown-param',
    severity: 'error',
    summary: 'The limit counts by a path parameter that the route does not have.',
    docs: '`by: \'param:id\'` needs `:id` in the path. On a group every route must have it; listeners have no path parameters.',
    fails: { limit: 10, window: '1m', by: 'param:nobody' },
    passes: { limit: 10, window: '1m', by: 'client-address' }
  }
]
