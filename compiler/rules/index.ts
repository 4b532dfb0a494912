import type { Rule } from './rule.ts'
import { affinityCookieNotSent } from './affinity-cookie-not-sent.ts'
import { authBypassed } from './auth-bypassed.ts'
import { authMethodGap } from './auth-method-gap.ts'
import { authMissing } from './auth-missing.ts'
import { authSpellingGap } from './auth-spelling-gap.ts'
import { headersForwardAll } from './headers-forward-all.ts'
import { invariantVacuous } from './invariant-vacuous.ts'
import { invariantViolated } from './invariant-violated.ts'
import { limitBodyMissing } from './limit-body-missing.ts'
import { listenerTrustsEveryone } from './listener-trusts-everyone.ts'
import { ownerMissing } from './owner-missing.ts'
import { pathTrailingSlashGap } from './path-trailing-slash-gap.ts'
import { rateMissing } from './rate-missing.ts'
import { redirectLoop } from './redirect-loop.ts'
import { retryNotIdempotent } from './retry-not-idempotent.ts'
import { rewriteEscapesPrefix } from './rewrite-escapes-prefix.ts'
import { routeAmbiguous } from './route-ambiguous.ts'
import { routeBehindRedirect } from './route-behind-redirect.ts'
import { routeCatchAllBroad } from './route-catch-all-broad.ts'
import { routeDuplicate } from './route-duplicate.ts'
import { routeMethodMissing } from './route-method-missing.ts'
import { routeManyStates } from './route-many-states.ts'
import { routePartiallyShadowed } from './route-partially-shadowed.ts'
import { routeUnreachable } from './route-unreachable.ts'
import { secretLiteral } from './secret-literal.ts'
import { timeoutInverted } from './timeout-inverted.ts'
import { tlsCredentialsInClear } from './tls-credentials-in-clear.ts'
import { tlsUpstreamUnverified } from './tls-upstream-unverified.ts'
import { upstreamHashKeyMissing } from './upstream-hash-key-missing.ts'
import { upstreamUnchecked } from './upstream-unchecked.ts'
import { upstreamUnused } from './upstream-unused.ts'

/** Every lint rule, in the order in which their findings at one place are told. */
export const rules: readonly Rule[] = [
  routeDuplicate,
  routeAmbiguous,
  routeUnreachable,
  routeBehindRedirect,
  routePartiallyShadowed,
  routeManyStates,
  invariantViolated,
  invariantVacuous,
  authBypassed,
  authMethodGap,
  authSpellingGap,
  authMissing,
  headersForwardAll,
  rateMissing,
  pathTrailingSlashGap,
  rewriteEscapesPrefix,
  routeMethodMissing,
  routeCatchAllBroad,
  upstreamUnused,
  upstreamUnchecked,
  upstreamHashKeyMissing,
  affinityCookieNotSent,
  tlsUpstreamUnverified,
  tlsCredentialsInClear,
  redirectLoop,
  listenerTrustsEveryone,
  limitBodyMissing,
  retryNotIdempotent,
  timeoutInverted,
  secretLiteral,
  ownerMissing
]
