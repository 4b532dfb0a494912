/** What the handler asks the ledger. Options travel with each question, so that a reload changes the limit and keeps the counts. */
export interface LimitQuery {
  readonly key: string
  readonly sliding: boolean
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
  /** Units at once; `gcra` only. */
  readonly burst: number
  readonly cost: number
}

export interface LimitVerdict {
  readonly allowed: boolean
  /** Whole units left. */
  readonly remaining: number
  /** Milliseconds: until the request would pass when it is refused, else until more units are there. */
  readonly wait: number
}

/** The count of one key. */
export interface Meter {
  readonly sliding: boolean
  /** Takes the cost of one request if it fits; a refused request takes nothing. */
  take (query: LimitQuery, now: number): LimitVerdict
  /** Units in use; 0 means that the meter can be forgotten. */
  used (query: LimitQuery, now: number): number
}
