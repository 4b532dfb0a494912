import type { Rule } from './rule.ts'
import { routeAmbiguous } from './route-ambiguous.ts'
import { routeDuplicate } from './route-duplicate.ts'
import { routeUnreachable } from './route-unreachable.ts'
import { secretLiteral } from './secret-literal.ts'
import { upstreamUnused } from './upstream-unused.ts'

/** Every lint rule, in the order in which their findings at one place are told. */
export const rules: readonly Rule[] = [
  routeDuplicate,
  routeAmbiguous,
  routeUnreachable,
  upstreamUnused,
  secretLiteral
]
