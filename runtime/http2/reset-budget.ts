/** How many requests a client may take back at once, and how many more each second. */
const burst = 200
const perSecond = 20

/** Bounds how fast a client may reset its streams. */
export interface ResetBudget {
  /** False: it was too fast. `now` in monotonic milliseconds. */
  take (now: number): boolean
}

export function createResetBudget (): ResetBudget {
  let left = burst
  let at = -Infinity
  return {
    take (now) {
      left = at === -Infinity ? burst : Math.min(burst, left + (now - at) * perSecond / 1000)
      at = now
      return --left >= 0
    }
  }
}
