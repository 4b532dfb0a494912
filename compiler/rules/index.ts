import type { Rule } from './rule.ts'
import { authBypassed } from './auth-bypassed.ts'
import { authMethodGap } from './auth-method-gap.ts'
import { authSpellingGap } from './auth-spelling-gap.ts'
import { invariantViolated } from './invariant-violated.ts'
import { retryNotIdempotent } from './retry-not-idempotent.ts'
import { routeAmbiguous } from './route-ambiguous.ts'
import { routeDuplicate } from './route-duplicate.ts'
import { routeUnreachable } from './route-unreachable.ts'
import { secretLiteral } from './secret-literal.ts'
import { timeoutInverted } from './timeout-inverted.ts'
import { tlsUpstreamUnverified } from './tls-upstream-unverified.ts'
import { upstreamUnchecked } from './upstream-unchecked.ts'
import { upstreamUnused } from './upstream-unused.ts'

/** Every lint rule, in the order in which their findings at one place are told. */
export const rules: readonly Rule[] = [
  routeDuplicate,
  routeAmbiguous,
  routeUnreachable,
  invariantViolated,
  authBypassed,
  authMethodGap,
  authSpellingGap,
  upstreamUnused,
  upstreamUnchecked,
  tlsUpstreamUnverified,
  retryNotIdempotent,
  timeoutInverted,
  secretLiteral
]
