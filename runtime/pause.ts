import { setImmediate } from 'node:timers/promises'

/** Called between two parts of a long job: when the slice is used up it lets waiting requests go first. */
export type Pause = () => Promise<void> | undefined

/** A slice of `ms` milliseconds at a time; 4 keeps the longest stall well under 20 ms. */
export function createPause (ms = 4): Pause {
  let until = performance.now() + ms
  return () => performance.now() < until ? undefined : setImmediate().then(() => { until = performance.now() + ms })
}
