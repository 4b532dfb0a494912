import type { Clock } from '../schema/policy.ts'

/** The clock of the system. Tests pass their own. */
export const systemClock: Clock = Object.freeze({ now: () => performance.now(), wall: () => Date.now() })
