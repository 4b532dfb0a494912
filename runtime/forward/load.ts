/** What is under way at all targets of an upstream together. Lives over reloads. */
export interface Load {
  /** Requests. */
  active: number
  /** Of them: being tried again. */
  retries: number
}

export function createLoad (): Load {
  return { active: 0, retries: 0 }
}
