/** Runs one thing after another: what must not overlap is passed through here. A failure of one does not keep the next from its turn. */
export type Turns = <T>(act: () => Promise<T>) => Promise<T>

export function createTurns (): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const result = last.then(act)
    last = result.catch(() => {})
    return result
  }
}
