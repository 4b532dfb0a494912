/** What a change can mean, as plans name it. W: a protection got weaker. B: clients that worked may fail. */
export const planCodes = {
  W01: 'newly reachable',
  W02: 'authentication removed',
  W03: 'authentication loosened',
  W04: 'authorization loosened',
  W05: 'rate limit raised or removed',
  W06: 'limiter now fails open',
  W07: 'client addresses allowed more widely',
  W08: 'cross-origin access widened',
  W09: 'TLS weakened',
  W10: 'limit or check of content raised or removed',
  W11: 'fields of clients trusted or passed on that were not',
  W12: 'moved to an upstream of another owner',
  W13: 'shared cache where clients are told apart',
  W14: 'redaction removed',
  W15: 'administration exposed',
  W16: 'protection changed so that old and new cannot be compared',
  W17: 'requests that are not idempotent are retried',
  B01: 'not found any more',
  B02: 'method not allowed any more',
  B03: 'authentication added or tightened',
  B04: 'rate limit lowered or added',
  B05: 'timeout lowered',
  B06: 'limit or check of content lowered or added',
  B07: 'redirected'
} as const

export type PlanCode = keyof typeof planCodes
